import { join } from 'node:path';
import { Leftovers } from '../adapters/leftovers.js';
import type { RunInput } from '../domain/steps.js';
import type { Home } from './home.js';
import type { Work } from './work.js';

interface Doing {
  stop: AbortController;
  over: Promise<unknown>;
}

/** What this worker does, by target. */
const doing = new Map<string, Doing>();

/**
 * Does one step of a target at a time. Temporal starts a step again when it has heard nothing of it for a while:
 * the earlier attempt may still be at work, in this worker (the network or the server was away) or as a tool
 * that a dead worker has left. It is ended first, and waited for.
 */
export async function alone<T>(
  home: Home,
  { target }: RunInput,
  work: Work,
  act: (work: Work) => Promise<T>,
): Promise<T> {
  const earlier = doing.get(target);
  earlier?.stop.abort(new Error('a later attempt has begun'));
  const stop = new AbortController();
  const signal = AbortSignal.any([work.signal, stop.signal]);
  const mine: Doing = { stop, over: Promise.resolve(earlier?.over).then(() => afterLeftovers(home, target, { ...work, signal }, act)) };
  doing.set(target, mine);
}
