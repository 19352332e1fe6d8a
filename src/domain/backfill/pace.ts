/** How near something that people care about is to its limit: 1 is at the limit. */
export interface Pressure {
  ratio: number;
  /** For people: `p95 310 ms, limit 250 ms`. */
  says: string;
}

/** How fast a backfill may go. */
export interface Pace {
  /** Share of the time in which it works, above 0 and up to 1; the rest it sleeps. */
  share: number;
  /** Over a limit: nothing is done until it is well below again. */
  held: boolean;
  /** What is over its limit, in words; empty when nothing is. */
  by: readonly string[];
}

export const fullPace: Pace = { share: 1, held: false, by: [] };

const LEAST_SHARE = 0.05;
/** Below this a hold ends: at the limit itself it would begin again at once. */
const CALM = 0.9;
/** Below this it may go faster. */
const EASY = 0.8;
/** From nothing to full pace in so many milliseconds: a limit that is met again is met gently. */
const RECOVERY_MS = 20_000;

/**
 * Halves at each new excess and grows by and by (additive increase, multiplicative decrease, as in TCP:
 * https://www.rfc-editor.org/rfc/rfc5681), so that two backfills beside each other share what is there.
 *
 * @param ms - since the last time
 */
export function nextPace(pace: Pace, pressures: readonly Pressure[], ms: number): Pace {
  const worst = Math.max(0, ...pressures.map(({ ratio }) => ratio));
  if (worst > 1) {
    const by = pressures.filter(({ ratio }) => ratio > 1).map(({ says }) => says);
    return { share: pace.held ? pace.share : Math.max(LEAST_SHARE, pace.share / 2), held: true, by };
  }
  if (pace.held && worst > CALM) return pace;
  if (worst > EASY) return { share: pace.share, held: false, by: [] };
  return { share: Math.min(1, pace.share + Math.max(0, ms) / RECOVERY_MS), held: false, by: [] };
}

/** Longest sleep after one batch: whoever pauses or cancels must not wait for it. */
const MOST_SLEEP_MS = 2_000;

/**
 * How long to sleep after a batch.
 *
 * @param batch - its rows, and the milliseconds that it took
 * @param rowsPerSecond - the most that people allow; null: no limit
 */
export function sleepAfter(
  batch: { rows: number; ms: number },
  { share }: Pick<Pace, 'share'>,
  rowsPerSecond: number | null,
): number {
  const byShare = Math.min(MOST_SLEEP_MS, batch.ms * (1 / share - 1));
  const byRate = rowsPerSecond === null ? 0 : (batch.rows / rowsPerSecond) * 1000 - batch.ms;
  return Math.max(0, byShare, byRate);
}

/** A batch larger than this would have to be slept off for longer than people wait. */
export const mostRows = (rowsPerSecond: number | null): number =>
  rowsPerSecond === null ? Infinity : Math.max(1, Math.floor(rowsPerSecond));
