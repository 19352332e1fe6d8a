import type { Fact, Failure, Outcome, UndoName, WithoutTime } from '../domain/record.js';
import type { Undone } from '../domain/steps.js';
import { failureOfError } from './failures.js';
import type { Repair } from './people.js';

type Undo = { undo: UndoName; act: () => Promise<Undone> };
type Note = (...facts: readonly WithoutTime<Fact>[]) => void;
type Came = 'undone' | 'left' | Repair;

/** An undo that failed, and what is then left to do, first things first. */
export interface UndoFailed {
  undo: UndoName;
  failure: Failure;
  left: readonly UndoName[];
}

/** What a run must do to put things back, declared before each step that changes something. */
export class Undos {
  readonly #declared: Undo[] = [];
  #whole: Outcome = 'undone';

  declare(undo: UndoName, act: () => Promise<Undone>): void {
    this.#declared.push({ undo, act });
  }

  /** From here on nothing is undone; a run that has come to this one end is done. */
  commit(end: UndoName, act: () => Promise<Undone>): void {
    this.#declared.splice(0, Infinity, { undo: end, act });
    this.#whole = 'done';
  }

  /**
   * Undoes, newest first. Stops at the first undo that fails: going on over a half-restored database would make
   * it worse. A person then says whether it is tried again.
   */
  async unwind(note: Note, ask: (failed: UndoFailed) => Promise<Repair>): Promise<Outcome> {
    let outcome: Outcome = this.#declared.length ? this.#whole : 'failed';
    for (let next = this.#declared.at(-1); next; next = this.#declared.at(-1)) {
      const came = await this.#one(next, note, ask);
      if (came === 'retry') continue;
      if (came === 'stop') return 'needs operator';
      if (came === 'left') outcome = 'partly undone';
      this.#declared.pop();
    }
    return outcome;
  }

  async #one({ undo, act }: Undo, note: Note, ask: (failed: UndoFailed) => Promise<Repair>): Promise<Came> {
    note({ kind: 'undoing', undo });
    try {
      const came = await act();
      const { left, closed } = came;
      const site = closed ? [{ kind: 'site', is: 'closed', note: closed } as const] : [];
      if (left) note({ kind: 'left', undo, note: left }, ...site);
      else note({ kind: 'undone', undo, ...(came.note ? { note: came.note } : {}) }, ...site);
      return left ? 'left' : 'undone';
    } catch (error) {
      const left = this.#declared.map((each) => each.undo).toReversed();
      return ask({ undo, failure: failureOfError(error), left });
    }
  }
}
