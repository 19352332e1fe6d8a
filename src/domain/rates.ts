import type { Rates, Sample } from './live.js';

/** As many as an hour of looks twice a second. */
const MOST = 7_200;

interface Written {
  /** Milliseconds since 1970. */
  at: number;
  walBytes: number;
}

/**
 * What only several samples tell. How far a standby is behind is measured by our own clock: what PostgreSQL itself says
 * of it (`replay_lag`) stays what it was when a standby stops to replay.
 */
export class Rater {
  #last: Written | undefined;
  /** What the slowest standby has not replayed yet, oldest first. */
  #unreplayed: Written[] = [];

  /** @param at - milliseconds since 1970 */
  take({ walBytes, replayedBytes }: Pick<Sample, 'walBytes' | 'replayedBytes'>, at: number): Rates {
    if (walBytes === null) return { walBytesPerSecond: null, lagMs: null };
    const last = this.#last;
    this.#last = { at, walBytes };
    const seconds = last ? (at - last.at) / 1000 : 0;
    const walBytesPerSecond = last && seconds > 0 ? Math.max(0, walBytes - last.walBytes) / seconds : null;
    return { walBytesPerSecond, lagMs: this.#lagMs(walBytes, replayedBytes, at) };
  }

  #lagMs(walBytes: number, replayedBytes: number | null, at: number): number | null {
    if (replayedBytes === null) {
      this.#unreplayed = [];
      return null;
    }
    if (this.#unreplayed.at(-1)?.walBytes !== walBytes) this.#unreplayed.push({ at, walBytes });
    this.#unreplayed = this.#unreplayed.filter((each) => each.walBytes > replayedBytes).slice(-MOST);
    const oldest = this.#unreplayed[0];
    return oldest ? at - oldest.at : 0;
  }
}
