/** How many rows the next batch takes, and what is left of one that failed. */
export interface BatchSize {
  /** As tuned by the time that batches took. */
  rows: number;
  /** Rows, from here on, among which one is known to be bad; 0: none is. */
  suspect: number;
}

export interface BatchLimits {
  /** How long one batch should take, in milliseconds. */
  targetMs: number;
  least: number;
  most: number;
}

/** More than this at once would overshoot where rows are of different width. */
const MOST_GROWTH = 1.5;
const MOST_SHRINKING = 0.5;

const within = (rows: number, { least, most }: BatchLimits): number =>
  Math.min(most, Math.max(least, Math.round(rows)));

/** Rows that the next batch takes: a half of what is suspect, down to the one row. */
export const nextRows = ({ rows, suspect }: BatchSize): number =>
  suspect ? Math.max(1, Math.ceil(Math.min(rows, suspect) / 2)) : rows;

/** @param took - rows that were asked for, and the milliseconds of the batch */
export function afterDone(
  size: BatchSize,
  took: { rows: number; ms: number },
  limits: BatchLimits,
): BatchSize {
  // Halves of a failed batch say little about time.
  if (size.suspect) return { ...size, suspect: Math.max(0, size.suspect - took.rows) };
  const factor = limits.targetMs / Math.max(took.ms, 0.1);
  const grown = took.rows * Math.min(MOST_GROWTH, Math.max(MOST_SHRINKING, factor));
  return { rows: within(grown, limits), suspect: 0 };
}

/** One that was rolled back: the bad row is among its rows. */
export const afterFailed = (size: BatchSize, rows: number): BatchSize =>
  rows > 1 ? { ...size, suspect: rows } : { ...size, suspect: 0 };

/** It took longer than a statement may: smaller from now on. */
export const afterTooLong = (rows: number, limits: BatchLimits): BatchSize => ({
  rows: within(rows / 2, limits),
  suspect: 0,
});
