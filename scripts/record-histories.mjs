/**
 * npm run histories: runs the tests that take runs to every kind of end, and keeps their histories as those of
 * this version in test/histories/<version>/. Done once for each release, before it.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tests = [
  'low-risk',
  'people',
  'closed',
  'maintenance',
  'kills-repair',
  'restore',
  'blocked',
  'schedules',
  'phases',
  'backfill',
];
/** Of these a sample is taken otherwise. */
const wholeTests = ['restore-lost'];
const folder = join(root, 'test', 'histories', version);

const record = (names, env) =>
  spawnSync(
    process.execPath,
    [join(root, 'scripts', 'test.mjs'), ...names.map((name) => `test/end-to-end/${name}.test`)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, LOCKKEEPER_RECORD: folder, ...env } },
  ).status ?? 1;

process.exitCode = record(tests, {}) || record(wholeTests, { LOCKKEEPER_MATRIX: 'whole' });
