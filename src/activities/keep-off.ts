import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Leftovers } from '../adapters/leftovers.js';
import type { Came } from '../domain/emergency.js';
import { count } from '../domain/units.js';
import { toolsOf } from './alone.js';
import { BY_HAND_LOOK_MS, byHandMark } from './by-hand-mark.js';
import { handOf, isOpen } from './hand.js';
import type { Target } from './home.js';

/**
 * Keeps the run that has come to no end from going on by itself, wherever it is: a person decides about it when
 * Temporal is back. The step that a living worker is at is over when this returns.
 *
 * @returns its id, and whether it has left something to do; null where no run is known that has not ended
 */
export async function keepOff(target: Target): Promise<{ runId: string; isOpen: boolean } | null> {
  const hand = await handOf(target);
  if (!hand || hand.stood.ended || hand.doneAt) return null;
  const path = byHandMark(target.config.state, hand.stood.runId);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, '', { mode: 0o600 });
  await sleep(2 * BY_HAND_LOOK_MS);
  return { runId: hand.stood.runId, isOpen: isOpen(hand) };
}

/** Ends the tools that go on without their worker, such as an alembic in the middle of a migration. */
export async function endTools({ config, name }: Target): Promise<Came> {
  const ended = await new Leftovers(toolsOf(config.state, name)).end();
  return ended ? `${count(ended, 'tool')} ended` : { nothing: 'none is at work' };
}
