import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../domain/problem.js';
import type { Work } from './work.js';

/** The settings file is gone, cannot be read, has faults, or has lost the target. */
const CODES: readonly string[] = ['no-settings', 'unreadable-settings', 'settings-faults', 'no-target'];

const LOOK_EVERY_MS = 2_000;

/**
 * Does a step of a run that has begun. When the settings cannot be read it waits until somebody has put them
 * right, and says so: giving up would begin undos that cannot read them either. Cancelling the run ends the wait
 * of a step; an undo goes on waiting.
 *
 * Steps read the settings before they do anything, so that beginning again repeats nothing.
 */
export async function onceReadable<R>(
  { signal, progress }: Pick<Work, 'signal' | 'progress'>,
  act: () => Promise<R>,
): Promise<R> {
  let told = false;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Problem) || !CODES.includes(error.code)) throw error;
      const words = `waits until the settings can be read: ${error.message}`;
      progress(words);
      if (!told) console.error(`${new Date().toISOString()} ${words}`);
      told = true;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
