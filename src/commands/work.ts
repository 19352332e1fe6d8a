import type { Work } from '../local.js';
import type { Io } from './io.js';

/** Work done by a command itself: ends on Ctrl-C, says nothing of its progress unless it is asked to. */
export function commandWork(io: Io, { verbose = false } = {}): Work {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Interrupted()));
  process.once('SIGTERM', () => stop.abort(new Interrupted()));
  return { signal: stop.signal, attempt: 1, progress: (text) => verbose && io.say(`  … ${text}`) };
}

/** Ctrl-C while a command works by itself. Commands that work by themselves change nothing. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
