import type { HolderSeen } from '../../adapters/postgres/lock-holders.js';

/** A transaction that is younger is gone before our lock could keep anybody waiting. */
const SHORT_MS = 50;
/** How long, and how often, somebody must have been there before that counts as "never a gap". */
const OBSERVED_MS = 2_000;
const OBSERVATIONS = 20;

interface Transaction {
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

  /** @returns those of them that are in the way: older than a moment */
  note(holders: readonly HolderSeen[], now: number): HolderSeen[] {
    for (const { transaction, transactionMs } of holders) {
      const known = this.#there.get(transaction) ?? {
        began: now - (transactionMs ?? 0),
        firstSeen: now,
        lastSeen: now,
      };
      this.#there.set(transaction, { ...known, lastSeen: now });
    }
    for (const [transaction, { began, lastSeen }] of this.#there) {
      this.#longestMs = Math.max(this.#longestMs, lastSeen - began);
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

  /** How long it takes until those that are in the way now are gone, if none takes longer than the longest so far. */
  goneInMs(now: number): number {
    return Math.max(0, ...this.#present().map(({ began }) => this.#longestMs - (now - began)));
  }

  #present(): Transaction[] {
    return this.#inTheWay.flatMap((transaction) => this.#there.get(transaction) ?? []);
  }

  /** The longest transaction that was seen. */
  get longestMs(): number {
    return this.#longestMs;
  }
}
