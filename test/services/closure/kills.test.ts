import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { closeSite } from '../../../src/activities/close-site.js';
import type { Home } from '../../../src/activities/home.js';
import { openSite } from '../../../src/activities/open-site.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { quietly, Site } from './site.js';

let site: Site;
let database: TestDatabase;
let home: Home;
const run = { target: 'shop', runId: 'run-1', kind: 'run', by: 'ana' } as const;

beforeAll(async () => {
  [site, database] = [await Site.open(), await freshDatabase()];
  home = await site.project(database.url, { stop: ['sleep 0.2'] });
});
afterAll(async () => {
  await site.close();
  await database.drop();
});

/** Begins a closing in another process, and kills it a moment after it has said something. */
async function killedClosing(after: string, ms: number): Promise<void> {
  const script = ['scripts/run-ts.mjs', 'test/services/closure/closing-process.ts', home.config().path];
  const child = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
  const over = once(child, 'close');
  child.stdout.on('data', (text: Buffer) => {
    if (text.toString().includes(after)) setTimeout(() => child.kill('SIGKILL'), ms);
  });
  await over;
}

it.each([
  ['the flag is set', 0],
  ['the site is closed', 0],
  ['the site is closed', 100],
  ['waits until nothing is written', 500],
])(
  'a closing that is killed after "%s" and %d ms is opened, or finished, by the next attempt',
  async (after, ms) => {
    await killedClosing(after, ms);
    expect((await site.ask()).status).toBe(503);
    if (ms === 500) await closeSite(home, { ...run, reason: 'again' }, quietly());
    expect((await openSite(home, run, quietly())).note).toMatch(/^open; it was closed for/);
    expect((await site.ask()).status).toBe(200);
    expect(await readdir(dirname(site.flag))).toEqual([]);
  },
);
