import type { HolderSeen } from '../../adapters/postgres/lock-holders.js';

/** A transaction that is younger is gone before our lock could keep anybody waiting. */
const SHORT_MS = 50;
/** How long, and how often, somebody must have been there before that counts as "never a gap". */
const OBSERVED_MS = 2_000;
const OBSERVATIONS = 20;

interface Transaction {
  /** What it was at when it was first seen: others like it take about as long. */
  kind: string;
  began: number;
  firstSeen: number;
  lastSeen: number;
}

/**
 * What was seen of the transactions in the way of one statement, probe by probe. Times are of `performance.now()`: a
 * role that may not see when a transaction began knows at least since when it is there.
 */
export class SeenHolders {
  readonly #there = new Map<string, Transaction>();
  #inTheWay: readonly string[] = [];
  #since: number | undefined;
  #probes = 0;
  #longestMs = 0;
  readonly #longestOf = new Map<string, number>();

  /** @returns those of them that are in the way: older than a moment */
  note(holders: readonly HolderSeen[], now: number): HolderSeen[] {
    for (const { transaction, transactionMs, mode, query } of holders) {
      const known = this.#there.get(transaction) ?? {
        kind: `${mode} ${query?.replace(/\d+/g, '0').slice(0, 80) ?? ''}`,
        began: now - (transactionMs ?? 0),
        firstSeen: now,
        lastSeen: now,
      };
      this.#there.set(transaction, { ...known, lastSeen: now });
    }
    for (const [transaction, { began, lastSeen, kind }] of this.#there) {
      const lasted = lastSeen - began;
      this.#longestMs = Math.max(this.#longestMs, lasted);
      this.#longestOf.set(kind, Math.max(this.#longestOf.get(kind) ?? 0, lasted));
      if (lastSeen < now) this.#there.delete(transaction);
    }
    const inTheWay = holders.filter((holder) => this.ageOf(holder, now) >= SHORT_MS);
    this.#inTheWay = inTheWay.map(({ transaction }) => transaction);
    if (inTheWay.length === 0) this.#since = undefined;
    else this.#since ??= now;
    this.#probes = inTheWay.length === 0 ? 0 : this.#probes + 1;
    return inTheWay;
  }

  /** Milliseconds since its transaction began, as far as it is known. */
  ageOf({ transaction, transactionMs }: HolderSeen, now: number): number {
    return transactionMs ?? now - (this.#there.get(transaction)?.began ?? now);
  }

  /** Whether somebody was always there though nobody stayed: waiting for a gap would never end. */
  neverAGap(now: number): boolean {
    const since = this.#since;
    if (since === undefined || now - since < OBSERVED_MS || this.#probes < OBSERVATIONS) return false;
    return this.#present().every(({ firstSeen }) => firstSeen > since);
  }

  /**
   * How long it takes until those that are there now are gone, if none takes longer than the longest so far. Of those
   * that have only just begun most are gone in a moment: they take as long as others that were at the same.
   */
  goneInMs(now: number): number {
    const left = [...this.#there.values()].map(({ began, kind }) => {
      const age = now - began;
      return (age < SHORT_MS ? (this.#longestOf.get(kind) ?? 0) : this.#longestMs) - age;
    });
    return Math.max(0, ...left);
  }

  #present(): Transaction[] {
    return this.#inTheWay.flatMap((transaction) => this.#there.get(transaction) ?? []);
  }

  /** The longest transaction that was seen. */
  get longestMs(): number {
    return this.#longestMs;
  }
}
