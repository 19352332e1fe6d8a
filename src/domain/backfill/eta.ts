import { duration } from '../units.js';

/** How fast it went for a while. */
export interface Stretch {
  rows: number;
  /** Milliseconds, with the time in which it was held. */
  ms: number;
}

export interface Eta {
  /** Milliseconds. */
  ms: number;
  /** Between these with a chance of about four in five. */
  leastMs: number;
  mostMs: number;
  confidence: 'low' | 'medium' | 'high';
}

/** 80 % of a normal distribution lie within so many standard deviations. */
const FOUR_IN_FIVE = 1.28;
/** With fewer stretches than this the spread says nothing. */
const FEW = 3;

/**
 * When it is done, by how fast it went.
 *
 * @param stretches - the last ones, oldest first
 * @param left - rows, an estimate
 * @returns null where nothing was done yet
 */
export function etaOf(stretches: readonly Stretch[], left: number): Eta | null {
  const rows = stretches.reduce((sum, each) => sum + each.rows, 0);
  const ms = stretches.reduce((sum, each) => sum + each.ms, 0);
  if (rows <= 0 || ms <= 0) return null;
  const expected = (Math.max(0, left) * ms) / rows;
  const spread = spreadOf(stretches, rows / ms);
  return {
    ms: expected,
    leastMs: expected / (1 + spread),
    mostMs: expected * (1 + spread),
    confidence: spread > 0.5 ? 'low' : spread > 0.15 ? 'medium' : 'high',
  };
}

/** How much the mean rate may be wrong, as a share of it. */
function spreadOf(stretches: readonly Stretch[], rate: number): number {
  const rates = stretches.filter(({ ms }) => ms > 0).map(({ rows, ms }) => rows / ms);
  if (rates.length < FEW) return 1;
  const variance = rates.reduce((sum, each) => sum + (each - rate) ** 2, 0) / (rates.length - 1);
  return (FOUR_IN_FIVE * Math.sqrt(variance)) / rate;
}

/** `about 4 min 10 s (3 min 50 s to 4 min 35 s, high confidence)` */
export const etaText = ({ ms, leastMs, mostMs, confidence }: Eta): string =>
  `about ${duration(ms)} (${duration(leastMs)} to ${duration(mostMs)}, ${confidence} confidence)`;

/** Rows a second over these stretches; null where nothing was done yet. */
export function rateOf(stretches: readonly Stretch[]): number | null {
  const ms = stretches.reduce((sum, each) => sum + each.ms, 0);
  return ms > 0 ? (stretches.reduce((sum, each) => sum + each.rows, 0) / ms) * 1000 : null;
}
