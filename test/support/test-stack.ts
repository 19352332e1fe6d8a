import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { down } from '../../src/stack/down.js';
import { withLock } from '../../src/adapters/lock.js';
import { identify, isAlive, type ProcessIdentity } from '../../src/stack/process.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const name = createHash('sha256').update(`${userInfo().uid} ${root}`).digest('hex').slice(0, 12);

/** The servers of the tests: one home for all runs of jest in this checkout, another one for the next checkout. */
export const testHome = join(tmpdir(), `lockkeeper-test-${name}`);
const users = `${testHome}.users`;
const lock = `${testHome}.lock`;

/** Says that a run of jest uses the servers. What a run that was killed left behind is cleared away. */
export const enter = (): Promise<void> =>
  withLock(lock, async () => {
    await mkdir(users, { recursive: true });
    if ((await livingUsers()) === 0) await clear();
    await mkdir(testHome, { recursive: true });
    await writeFile(join(users, String(process.pid)), JSON.stringify(await identify(process.pid)));
  });

/** Says that this run is over. The last one stops the servers. */
export const leave = (): Promise<void> =>
  withLock(lock, async () => {
    await rm(join(users, String(process.pid)), { force: true });
    if ((await livingUsers()) > 0) return;
    await clear();
    await rm(users, { recursive: true, force: true });
  });

async function livingUsers(): Promise<number> {
  const pids = await readdir(users).catch(() => []);
  const known = await Promise.all(pids.map((pid) => readFile(join(users, pid), 'utf8')));
  const living = await Promise.all(known.map((text) => isAlive(JSON.parse(text) as ProcessIdentity)));
  return living.filter(Boolean).length;
}

async function clear(): Promise<void> {
  const { stopEngine } = await import('./docker/engine.js');
  await stopEngine();
  if (!existsSync(testHome)) return;
  await down({ home: testHome, erase: true });
  await rm(testHome, { recursive: true, force: true });
}
