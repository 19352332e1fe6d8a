import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { stackBusy } from '../domain/problems/stack.js';
import { identify, isAlive, type ProcessIdentity } from './process.js';

export interface LockOptions {
  /** Told once when somebody else holds the lock. */
  onWait?: (pid: number) => void;
  /** How long to wait at most; the longest work under it is a download on a slow line. */
  waitMs?: number;
  /** What is thrown when the holder does not let go; default: Problem `stack-busy`. */
  busy?: (pid: number) => Error;
}

const WAIT_MS = 10 * 60_000;
const LOOK_EVERY_MS = 100;

/**
 * Runs work that only one process of this machine may do at a time. A lock whose holder died is taken over.
 *
 * @param path - the lock: a file that says who holds it
 * @throws Problem `stack-busy`, or what `busy` makes, when the holder lives and does not let go
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const { onWait, waitMs = WAIT_MS, busy } = options;
  const until = performance.now() + waitMs;
  let told = false;
  for (;;) {
    if (await take(path)) break;
    const holder = await holderOf(path);
    if (!holder) continue;
    if (!(await isAlive(holder))) {
      await takeAway(path, holder);
      continue;
    }
    if (performance.now() >= until)
      throw busy?.(holder.pid) ?? stackBusy(path, holder.pid, Math.round(waitMs / 1000));
    if (!told) onWait?.(holder.pid);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** A name that nobody else uses at this moment. */
const beside = (path: string) => `${path}.${randomUUID()}`;

/** Linking is atomic: the lock appears with its holder's name in it, or was there before. */
async function take(path: string): Promise<boolean> {
  const draft = beside(path);
  try {
    await writeFile(draft, JSON.stringify(await identify(process.pid)));
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function holderOf(path: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity);
}

/** Moves a dead holder's lock away; one that was taken anew in between is put back. */
async function takeAway(path: string, dead: ProcessIdentity): Promise<void> {
  const away = beside(path);
  await rename(path, away).catch(() => undefined);
  const moved = await holderOf(away);
  const isThatOne = moved?.pid === dead.pid && moved.started === dead.started;
  if (moved && !isThatOne) await link(away, path).catch(() => undefined);
  await rm(away, { force: true });
}
