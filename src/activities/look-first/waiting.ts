import type { BlockedReason } from '../../domain/blocked.js';
import type { HolderSeen, LockQuestion } from '../../adapters/postgres/lock-holders.js';
import { SeenHolders } from './seen-holders.js';
import type { Stall } from './stall.js';

/** What a statement that waits needs of the world. */
export interface Surroundings {
  /** Who is in the way now. */
  probe: (wanted: readonly LockQuestion[]) => Promise<HolderSeen[]>;
  /** Cancels an ordinary autovacuum. @returns whether it was */
  cancelAutovacuum: (holder: HolderSeen) => Promise<boolean>;
  /** After so long the server itself cancels an autovacuum that somebody waits for. */
  deadlockTimeoutMs: () => Promise<number>;
  /** Tells people for whom it waits, and for how long so far. */
  tell: (holders: readonly HolderSeen[], waitedMs: number) => void;
  stall: Stall;
  /** Longest wait while nobody waits behind it. */
  waitMs: number;
  /** Longest that an ordinary attempt may queue. */
  attemptMs: number;
  /** Milliseconds of a clock that never goes back. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

/** How the wait for one statement came out. */
export type Way =
  | { to: 'go'; lockTimeoutMs: number }
  /** Others wait for what the transaction holds: it is to be rolled back, and begun again from outside. */
  | { to: 'begin again' }
  | { to: 'stop'; reason: BlockedReason; holders: readonly HolderSeen[]; needMs?: number };

const PROBE_MS = 100;
const TELL_MS = 1_000;
/** A two-phase commit ends a prepared transaction in moments: one that is older is forgotten. */
const PREPARED_MS = 10_000;
/** From the server's time-out until we hear of it: an attempt leaves so much, or it would cost more than was approved. */
const ANSWER_MS = 50;
/** What the clock of a prediction is wrong by. */
const MARGIN_MS = 150;

/** One statement that needs strong locks, from the first look until it is done: over several attempts. */
export class Waiting {
  readonly #around: Surroundings;
  readonly #seen = new SeenHolders();
  readonly #cancelled = new Set<string>();
  readonly #longest: number;
  readonly #began: number;
  #failed = 0;
  #looked = false;
  #sawNoGapAt: number | undefined;
  #least = Infinity;
  #longAttempt = false;
  #toldAt = 0;
  #last: readonly HolderSeen[] = [];

  /** @param longestMs - how long it may wait in a transaction that holds what others want */
  constructor(around: Surroundings, longestMs: number) {
    this.#around = around;
    this.#longest = longestMs;
    this.#began = around.now();
  }

  /** An attempt queued in vain. */
  failed(ms: number): void {
    this.#around.stall.spend(ms);
    this.#failed += 1;
  }

  /** Who was in the way last. */
  get last(): readonly HolderSeen[] {
    return this.#last;
  }

  /**
   * Waits until nobody is in the way, or until one longer attempt is worth its price.
   *
   * @param holds - others wait for what the open transaction holds, so that each moment counts
   * @param gently - nobody waits behind it, so that it may queue for as long as it takes
   */
  async untilFree(wanted: readonly LockQuestion[], holds: boolean, gently: boolean): Promise<Way> {
    const { probe, stall, now: clock } = this.#around;
    const began = clock();
    for (let looked = began; ;) {
      const holders = await probe(wanted);
      const now = clock();
      const inTheWay = this.#seen.note(holders, now);
      if (inTheWay.length) this.#last = inTheWay;
      if (holds) stall.spend(now - looked);
      else stall.wait(now - looked);
      looked = now;
      // Since when they are there is told by a second look, where the role may not see it.
      const unsure = !this.#looked && holders.some(({ transactionMs }) => transactionMs === null);
      this.#looked = true;
      const several = wanted.length > 1;
      const way = inTheWay.length
        ? await this.#inTheWay(inTheWay, { holds, gently, several, waitedMs: now - began })
        : unsure && !gently
          ? undefined
          : await this.#free(several);
      if (way) return gently && !holds && way.to === 'go' ? { ...way, lockTimeoutMs: 0 } : way;
      this.#tell(inTheWay, now);
      await this.#around.sleep(PROBE_MS);
    }
  }

  /** Each attempt that failed although nobody was seen is followed by one that is twice as long. */
  async #free(several: boolean): Promise<Way> {
    const wished = this.#around.attemptMs * 2 ** Math.min(this.#failed, 10);
    return this.#go(Math.min(wished, await this.#most(several && this.#failed > 0)));
  }

  /** At several relations it has one while it queues for the next: it ends before the server looks for deadlocks. */
  async #most(several: boolean): Promise<number> {
    const left = this.#around.stall.leftMs - ANSWER_MS;
    return several ? Math.min(left, (await this.#around.deadlockTimeoutMs()) / 2) : left;
  }

  #go(lockTimeoutMs: number): Way {
    if (lockTimeoutMs < 1) return this.#stop('budget');
    return { to: 'go', lockTimeoutMs: Math.ceil(lockTimeoutMs) };
  }

  async #inTheWay(
    holders: readonly HolderSeen[],
    how: { holds: boolean; gently: boolean; several: boolean; waitedMs: number },
  ): Promise<Way | undefined> {
    const { holds, gently, several, waitedMs } = how;
    const { stall, waitMs } = this.#around;
    const now = this.#around.now();
    if (holders.some(({ autovacuum }) => autovacuum === 'against wraparound'))
      return this.#stop('wraparound');
    if (holders.some((each) => each.prepared !== undefined && this.#seen.ageOf(each, now) > PREPARED_MS))
      return this.#stop('prepared');
    const vacuum = await this.#pastAutovacuum(holders);
    if (vacuum) return vacuum;
    if (holds) {
      if (stall.leftMs < 1) return this.#stop('budget');
      const vain = this.#longest < Infinity && holders.some(({ waitsForUs }) => waitsForUs);
      return vain || waitedMs >= this.#longest ? { to: 'begin again' } : undefined;
    }
    if (gently) return this.#free(several);
    return (
      (await this.#betweenReaders(now, several)) ??
      (now - this.#began >= waitMs ? this.#stop('holder') : undefined)
    );
  }

  /** Where only ordinary autovacuums are in the way: they are cancelled, or out-waited. */
  async #pastAutovacuum(holders: readonly HolderSeen[]): Promise<Way | undefined> {
    if (!holders.every(({ autovacuum }) => autovacuum === 'ordinary')) return undefined;
    const { cancelAutovacuum, deadlockTimeoutMs, stall } = this.#around;
    let told = false;
    for (const holder of holders) {
      if (this.#cancelled.has(holder.transaction)) continue;
      this.#cancelled.add(holder.transaction);
      told = (await cancelAutovacuum(holder)) || told;
    }
    if (told) return undefined; // the next probe tells whether it is gone
    const enough = (await deadlockTimeoutMs()) + MARGIN_MS;
    return !this.#longAttempt && enough <= stall.leftMs ? this.#longer(enough) : undefined;
  }

  /**
   * Readers that overlap without a gap: once, at a moment when those that are there will soon be gone, it queues for
   * so long that it outlasts them. Those that come later wait behind it.
   */
  async #betweenReaders(now: number, several: boolean): Promise<Way | undefined> {
    if (!this.#seen.neverAGap(now)) return undefined;
    if (this.#longAttempt) return this.#stop('no-gap');
    this.#sawNoGapAt ??= now;
    const enough = this.#seen.goneInMs(now) + MARGIN_MS;
    const most = await this.#most(several);
    if (enough <= most) return this.#longer(most);
    this.#least = Math.min(this.#least, enough + ANSWER_MS);
    const patience = 2 * this.#seen.longestMs + TELL_MS;
    return now - this.#sawNoGapAt > patience ? this.#stop('no-gap') : undefined;
  }

  #longer(ms: number): Way {
    this.#longAttempt = true;
    return this.#go(ms);
  }

  #stop(reason: BlockedReason): Way {
    const enough = reason === 'no-gap' && this.#least < Infinity;
    return {
      ...{ to: 'stop', reason, holders: this.#last },
      ...(enough ? { needMs: Math.ceil(this.#around.stall.stalledMs + this.#least) } : {}),
    };
  }

  #tell(holders: readonly HolderSeen[], now: number): void {
    if (now - this.#toldAt < TELL_MS || !holders.length) return;
    this.#toldAt = now;
    this.#around.tell(holders, now - this.#began);
  }
}
