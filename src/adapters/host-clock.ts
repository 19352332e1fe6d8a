import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { writeAtomically } from './disk.js';

interface Seen {
  /** Milliseconds since 1970. */
  at: number;
  /** Milliseconds since the machine was started: no clock that is set changes it. */
  up: number;
  /** Names one start of the machine. */
  boot: string;
}

/**
 * By how much the clock of this host has jumped since this was last asked for the same file, as far as it can be
 * told: while the machine was not started anew, and where it says which start it is (Linux).
 *
 * @param path - where it is remembered
 * @returns milliseconds; 0: not at all, or not known
 */
export async function clockJump(path: string): Promise<number> {
  const now: Seen = { at: Date.now(), up: uptime() * 1_000, boot: await bootId() };
  const before = await readFile(path, 'utf8')
    .then((text) => JSON.parse(text) as Seen)
    .catch(() => undefined);
  await writeAtomically(path, JSON.stringify(now)).catch(() => undefined); // then the next one does not know
  if (!before || !now.boot || before.boot !== now.boot) return 0;
  return Math.round(now.at - before.at - (now.up - before.up));
}

const bootId = (): Promise<string> =>
  readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
