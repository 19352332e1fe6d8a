import type { SiteSeen } from './site-process.js';
import type { Outcome } from './strategies.js';

/** From here on a client counts as stalled. */
const STALLED_MS = 100;
const SLOW_MS = 250;

/** What one run of one strategy did to the clients. Milliseconds. */
export interface Measured {
  outcome: Outcome;
  /** Before anybody reads: 99 of 100 changes are faster, and the slowest. */
  idleP99: number;
  idleWorst: number;
  /** Above `idleP99`. */
  worst: number;
  p99: number;
  /** Changes that took longer than 250 ms. */
  slow: number;
  /** How long somebody was waiting who had to wait for more than 100 ms. */
  stalled: number;
  /** From its start to its end. */
  took: number;
  /** From the end of the last reader that had left by then; undefined where none had. */
  afterReader: number | undefined;
  /** It got its lock only once no reader came any more. */
  starved: boolean;
}

export interface Times {
  idleFrom: number;
  idleTo: number;
  began: number;
  over: number;
}

export function measure(
  { samples, readings, ranOutAt }: SiteSeen,
  { idleFrom, idleTo, began, over }: Times,
  outcome: Outcome,
): Measured {
  const idle = latencies(samples.filter(([due, done]) => due >= idleFrom && done <= idleTo));
  const during = samples.filter(([, done]) => done >= began);
  const all = latencies(during);
  const left = readings.map(([, ended]) => ended).filter((ended) => ended <= over);
  const idleP99 = quantile(idle, 0.99);
  return {
    ...{ outcome, idleP99, idleWorst: quantile(idle, 1) },
    worst: quantile(all, 1) - idleP99,
    p99: quantile(all, 0.99),
    slow: all.filter((ms) => ms > SLOW_MS).length,
    stalled: covered(during.filter(([due, done]) => done - due > STALLED_MS)),
    took: over - began,
    afterReader: left.length ? over - Math.max(...left) : undefined,
    starved: outcome.done && readings.length > 1 && ranOutAt !== undefined && ranOutAt <= over,
  };
}

const latencies = (samples: readonly (readonly [number, number])[]): number[] =>
  samples.map(([due, done]) => done - due).sort((a, b) => a - b);

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

/** How much time all of them together cover. */
function covered(spans: readonly (readonly [number, number])[]): number {
  let sum = 0;
  let upTo = -Infinity;
  for (const [from, to] of [...spans].sort(([a], [b]) => a - b)) {
    sum += Math.max(0, to - Math.max(from, upTo));
    upTo = Math.max(upTo, to);
  }
  return sum;
}
