/** npm run bench:revisions: `lockkeeper check` on 200 revisions, the whole process, first and when nothing changed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { stringify } from 'yaml';
import { freshDatabase, projectPython } from '../test/support/servers.js';
import { leave, testHome } from '../test/support/test-stack.js';
import { BEFORE, writeTwoHundred } from '../test/support/two-hundred.js';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const goal = { firstTo2500Ms: 1, againTo500Ms: 1 };

mkdirSync(testHome, { recursive: true });
const database = await freshDatabase();
const folder = mkdtempSync(join(tmpdir(), 'lk-bench-'));
try {
  const client = new pg.Client(database.url);
  await client.connect();
  await client.query(BEFORE);
  await client.end();
  writeTwoHundred(folder);
  const shop = {
    database: { url: '${BENCH_URL}' },
    alembic: { python: projectPython, environment: { DATABASE_URL: '${BENCH_URL}' } },
  };
  writeFileSync(join(folder, 'lockkeeper.yaml'), stringify({ version: 1, targets: { shop } }));
  const first: number[] = [];
  const again: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rmSync(join(folder, '.lockkeeper'), { recursive: true, force: true });
    await new Promise((done) => setTimeout(done, 100));
    first.push(check());
    again.push(check());
  }
  const middle = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  console.log(
    `first ${Math.round(middle(first))} ms, again ${Math.round(middle(again))} ms (medians of ${ROUNDS})`,
  );
  const ratios = { firstTo2500Ms: round2(middle(first) / 2500), againTo500Ms: round2(middle(again) / 500) };
  console.log(JSON.stringify({ ratios, goal }));
} finally {
  await database.drop();
  await leave();
  rmSync(folder, { recursive: true, force: true });
}

function check(): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [resolve('dist/cli.js'), 'check', 'shop', '--json'],
    {
      cwd: folder,
      env: { ...process.env, BENCH_URL: database.url },
    },
  );
  if (status !== 0 && status !== 1) throw new Error(stderr.toString());
  return performance.now() - began;
}

function round2(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}
