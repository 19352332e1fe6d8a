import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ProjectFiles } from './project-files.js';

/** Deep enough for `backend/app/core/config.py`. */
const DEPTH = 4;
/** A folder with more files than this is no project but somebody's home. */
const MOST_FILES = 5_000;
const MOST_CHARACTERS = 256 * 1024;
const PASSED_OVER = /^(node_modules|__pycache__|site-packages|\.(?!venv$|env|git$).*)$/;
const READ = /\.(py|ini|ya?ml|conf|conf\.template)$/;
const ENV = /(^|\/)\.env[^/]*$/;

/** Looks at a folder without changing anything. Links are not followed; what can not be read is passed over. */
export function look(folder: string): ProjectFiles {
  const paths: string[] = [];
  walk(folder, '', paths);
  const texts: Record<string, string> = {};
  for (const path of paths) {
    const text = READ.test(path) || ENV.test(path) ? textOf(join(folder, path)) : undefined;
    if (text !== undefined) texts[path] = ENV.test(path) ? namesOf(text) : text;
  }
  return { folder: basename(folder), paths, texts };
}

function walk(root: string, inside: string, found: string[], depth = 1): void {
  for (const entry of entriesOf(join(root, inside))) {
    if (PASSED_OVER.test(entry.name) || found.length >= MOST_FILES) continue;
    const path = inside ? `${inside}/${entry.name}` : entry.name;
    if (!entry.isDirectory() || entry.name === '.git') found.push(path);
    else if (existsSync(join(root, path, 'pyvenv.cfg'))) found.push(`${path}/bin/python`);
    else if (depth < DEPTH) walk(root, path, found, depth + 1);
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name));
  } catch {
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').slice(0, MOST_CHARACTERS);
  } catch {
    return undefined;
  }
}

/** Of an .env file only the names, so that no value can come any further. */
const namesOf = (text: string): string =>
  [...text.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/gm)].map(([, name]) => `${name}=\n`).join('');
