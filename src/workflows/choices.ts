import {
  blockedChoices,
  blockedNow,
  choose,
  isAsking,
  neverBlocked,
  notPutOff,
  putOff,
  type BlockedGate,
  type BlockedRules,
  type Chosen,
} from '../domain/blocked-gate.js';
import type { Message } from '../domain/record.js';
import type { Noted } from '../domain/steps.js';
import { failureOfError, wordsOf } from './failures.js';
import type { Answer } from './messages.js';

/** Asks when the next window opens. */
export type Look = () => Promise<Noted & { waitMs: number }>;

const now = (): string => new Date().toISOString();

/** What people may choose while the migration is blocked. */
export class Choices {
  #gate: BlockedGate = neverBlocked;
  #rules: BlockedRules | undefined;
  #look: Look = () => Promise.reject(new Error('nobody asked'));

  get chosen(): Chosen | undefined {
    return this.#gate.chosen;
  }

  get isAsking(): boolean {
    return isAsking(this.#gate);
  }

  open(rules: BlockedRules, look: Look): void {
    this.#gate = blockedNow;
    this.#rules = rules;
    this.#look = look;
  }

  /** Nobody may choose any more. */
  close(): void {
    this.#gate = { ...this.#gate, phase: 'closed' };
  }

  /** Whoever puts it off is answered when it is known until when. */
  take(sent: Message): Answer | Promise<Answer> {
    if (!this.#rules) return { refused: 'nothing waits for this: the migration is not blocked' };
    const chose = choose(this.#gate, this.#rules, sent, now());
    if ('refused' in chose) return chose;
    this.#gate = chose.gate;
    return chose.gate.phase === 'looking' ? this.#putOff() : { answer: chose.answer };
  }

  /** Why none of the other messages is what is asked for. */
  readonly instead = `the migration waits for a lock: send choose, with one of ${blockedChoices.join(', ')}`;

  async #putOff(): Promise<Answer> {
    try {
      const { waitMs, note } = await this.#look();
      const chose = putOff(this.#gate, waitMs, note);
      if ('refused' in chose) return chose;
      this.#gate = chose.gate;
      return { answer: chose.answer };
    } catch (error) {
      this.#gate = notPutOff(this.#gate);
      return { refused: wordsOf(failureOfError(error)) };
    }
  }
}
