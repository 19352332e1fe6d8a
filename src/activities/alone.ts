import { join } from 'node:path';
import { Leftovers } from '../adapters/leftovers.js';
import type { RunInput } from '../domain/steps.js';
import type { Home } from './home.js';
import type { Work } from './work.js';

/** What this worker does, by target. */
const doing = new Map<string, { stop: AbortController; over: Promise<unknown> }>();

/**
 * Does one step of a target at a time. Temporal starts a step again when it has not heard of it for a while: the
 * earlier attempt may still be at work, in this worker (the server was away) or as a tool that a dead worker
 * has left. It is ended first, and waited for.
 */
export async function alone<T>(
  home: Home,
  { target }: RunInput,
  work: Work,
  act: (work: Work) => Promise<T>,
): Promise<T> {
  const earlier = doing.get(target);
  const stop = new AbortController();
  const result = (async () => {
    earlier?.stop.abort(new Error('a later attempt has begun'));
    await earlier?.over;
    const signal = AbortSignal.any([work.signal, stop.signal]);
    signal.throwIfAborted();
    return withoutLeftovers(home, target, { ...work, signal }, act);
  })();
  const mine = { stop, over: result.catch(() => undefined) };
  doing.set(target, mine);
  try {
    return await result;
  } finally {
    if (doing.get(target) === mine) doing.delete(target);
  }
}

/** Where the tools that work for a target are noted. */
export const toolsOf = (state: string, target: string): string => join(state, 'running', target);

async function withoutLeftovers<T>(
  home: Home,
  target: string,
  work: Work,
  act: (work: Work) => Promise<T>,
): Promise<T> {
  const tools = new Leftovers(toolsOf(home.config().state, target));
  await tools.end();
  try {
    return await act({ ...work, onTool: (pid) => tools.note(pid) });
  } finally {
    await tools.forget();
  }
}
