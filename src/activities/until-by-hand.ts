import { existsSync } from 'node:fs';
import { doneByHand } from '../domain/problems/by-hand.js';
import type { RunInput } from '../domain/steps.js';
import { BY_HAND_LOOK_MS, byHandMark } from './by-hand-mark.js';
import type { Home } from './home.js';
import type { Work } from './work.js';

/**
 * Does a step of a run unless, and only until, a person does the rest by hand, as `lockkeeper explain` prints it, or
 * has stopped everything while Temporal was away: nothing comes in between, and what is at work ends.
 *
 * @throws Problem `done-by-hand`
 */
export async function untilByHand<R>(
  home: Home,
  { runId, target }: RunInput,
  work: Work,
  act: (work: Work) => Promise<R>,
): Promise<R> {
  const mark = byHandMark(home.config().state, runId);
  if (existsSync(mark)) throw doneByHand(target, runId);
  const stop = new AbortController();
  const looking = setInterval(
    () => existsSync(mark) && stop.abort(doneByHand(target, runId)),
    BY_HAND_LOOK_MS,
  );
  try {
    return await act({ ...work, signal: AbortSignal.any([work.signal, stop.signal]) });
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearInterval(looking);
  }
}
