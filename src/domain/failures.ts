import type { Failure } from './record.js';
import type { Told } from './problem.js';

/** Longest text of a failure that a record keeps: the tools' whole output is in the log files. */
const MOST = 1_000;

const cut = (text: string): string => (text.length > MOST ? `${text.slice(0, MOST)} …` : text);

/** A problem as the record keeps it. */
export const failureFrom = (code: string, { what, why, next }: Told): Failure => ({
  code,
  what: cut(what),
  ...(why ? { why: cut(why) } : {}),
  next,
});

/** Something that nobody foresaw. */
export const unforeseen = (words: string): Failure => ({
  code: 'unforeseen',
  what: cut(words),
  next: ["read the worker's log", 'start again once the cause is mended'],
});

/** Temporal has not heard of a step for so long that it counts as dead. */
export const workerLost = (): Failure => ({
  code: 'worker-lost',
  what: 'nothing was heard of the worker any more: it died, or did not reach Temporal',
  next: ['see that a worker runs: lockkeeper doctor', "read the worker's log"],
});

/** Whether a value from the wire is a problem's words. */
export const isTold = (value: unknown): value is Told =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Told).what === 'string' &&
  Array.isArray((value as Told).next);
