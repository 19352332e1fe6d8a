/** npm run docs [-- --check]: writes the generated pages; with --check only says which are out of date. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { changePages } from './pages/change-file.js';
import { checkSchemaPage } from './pages/check-schema.js';
import { cliPage } from './pages/cli.js';
import { configurationPage } from './pages/configuration.js';
import type { Page, Producer } from './pages/page.js';
import { rulePages } from './pages/rules.js';
import { runbookPage } from './pages/runbook.js';
import { schemaPage } from './pages/schema.js';
import { lockPage } from './pages/locks.js';
import { leftOver } from './pages/left-over.js';

const producers: readonly Producer[] = [
  rulePages,
  configurationPage,
  schemaPage,
  changePages,
  checkSchemaPage,
  cliPage,
  runbookPage,
  lockPage,
];

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = producers.flatMap((produce) => produce());
const changed = pages.filter(({ path, text }) => text !== present(path));
const extra = leftOver(root, pages);

if (process.argv.includes('--check')) check(changed, extra);
else write(changed, extra);

function present(path: string): string | null {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return null;
  }
}

function check(stale: readonly Page[], gone: readonly string[]): void {
  const paths = [...stale.map(({ path }) => path), ...gone];
  if (paths.length === 0) return console.log(`${pages.length} generated pages are up to date`);
  console.error(`out of date: ${paths.join(', ')}\nrun: npm run docs`);
  process.exitCode = 1;
}

function write(stale: readonly Page[], gone: readonly string[]): void {
  for (const { path, text } of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const path of gone) rmSync(join(root, path));
  console.log(`${pages.length} generated pages, ${stale.length} written, ${gone.length} removed`);
}
