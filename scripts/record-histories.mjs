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
const tests = ['low-risk', 'people', 'closed', 'maintenance', 'kills-repair', 'restore', 'blocked'];
const folder = join(root, 'test', 'histories', version);
const { status } = spawnSync(
  process.execPath,
  [join(root, 'scripts', 'test.mjs'), ...tests.map((name) => `test/end-to-end/${name}`)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, LOCKKEEPER_RECORD: folder } },
);
process.exitCode = status ?? 1;
