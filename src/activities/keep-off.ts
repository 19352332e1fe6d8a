import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { byHandMark } from './by-hand-mark.js';
import { handOf, isOpen } from './hand.js';
import type { Target } from './home.js';

/**
 * Keeps the run that has come to no end from going on by itself: a person decides about it when Temporal is back.
 *
 * @returns its id; null where no run is open
 */
export async function keepOff(target: Target): Promise<string | null> {
  const hand = await handOf(target);
  if (!hand || hand.stood.ended || !isOpen(hand)) return null;
  const path = byHandMark(target.config.state, hand.stood.runId);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, '', { mode: 0o600 });
  return hand.stood.runId;
}
