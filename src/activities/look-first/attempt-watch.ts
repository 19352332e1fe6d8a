import { setTimeout as sleep } from 'node:timers/promises';
import type { LockWait } from '../../adapters/postgres/lock-holders.js';

/** Statements that are done in a moment are not looked at: nobody had to wait for them. */
const FIRST_LOOK_MS = 30;
const SOON_MS = 100;
const LATER_MS = 1_000;
const SOON_IS_OVER_MS = 3_000;

/** Watches, from another session, a statement that was sent: how long it queues, and for what. */
export class AttemptWatch {
  #stopped = new AbortController();
  #queuedMs = 0;
  #lastWait: LockWait | undefined;
  #over: Promise<void> = Promise.resolve();

  /**
   * @param look - what the session waits for now
   * @param each - told after each look, how long the statement runs
   */
  start(
    look: () => Promise<LockWait | undefined>,
    each: (wait: LockWait | undefined, ms: number) => Promise<void>,
  ): void {
    this.#stopped = new AbortController();
    this.#queuedMs = 0;
    this.#lastWait = undefined;
    this.#over = this.#watch(look, each, this.#stopped.signal).catch(() => undefined); // the statement itself tells
  }

  /** The statement is done, or taken back. @returns how long it was seen to queue, and for what last */
  async stop(): Promise<{ queuedMs: number; wait: LockWait | undefined }> {
    this.#stopped.abort();
    await this.#over;
    return { queuedMs: this.#queuedMs, wait: this.#lastWait };
  }

  async #watch(
    look: () => Promise<LockWait | undefined>,
    each: (wait: LockWait | undefined, ms: number) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const began = performance.now();
    let before = began;
    await sleep(FIRST_LOOK_MS, undefined, { signal });
    while (!signal.aborted) {
      const wait = await look();
      const now = performance.now();
      if (wait) {
        this.#lastWait = wait;
        this.#queuedMs += now - before;
      }
      before = now;
      await each(wait, now - began);
      await sleep(now - began < SOON_IS_OVER_MS ? SOON_MS : LATER_MS, undefined, { signal });
    }
  }
}
