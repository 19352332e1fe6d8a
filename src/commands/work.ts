import { interrupted } from '../domain/problems/use.js';
import type { Work } from '../local.js';
import type { Io } from './io.js';
import type { Problem } from '../domain/problem.js';
import { tell } from './tell.js';

/** Work done by a command itself: ends on Ctrl-C, says nothing of its progress unless it is asked to. */
export function commandWork(io: Io, { verbose = false } = {}): Work {
  const stop = new AbortController();
  const end = () => stop.abort(interrupted('nothing was changed', ['start it again']));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  return { signal: stop.signal, attempt: 1, progress: (text) => verbose && io.say(`  … ${text}`) };
}

/**
 * Ctrl-C while a command watches or starts something that goes on without it: says so, and leaves.
 *
 * @returns how to stop listening
 */
export function leaveOnInterrupt(problem: Problem, io: Io, first?: () => void): () => void {
  const leave = () => {
    first?.();
    process.exit(tell(problem, io.json));
  };
  process.once('SIGINT', leave);
  process.once('SIGTERM', leave);
  return () => {
    process.removeListener('SIGINT', leave);
    process.removeListener('SIGTERM', leave);
  };
}

/** A run is Temporal's, not this terminal's. */
export const runGoesOn = (target: string): Problem =>
  interrupted(`the run of ${target} goes on`, [
    `watch it: lockkeeper status ${target} --watch`,
    `or end it, undoing what it did: lockkeeper cancel ${target}`,
  ]);
