import { condition } from '@temporalio/workflow';
import type { Fact, Message, MessageName, WithoutTime } from '../domain/record.js';
import { listenFor, type Via } from './messages.js';

type Decision = 'retry' | 'stop';
type Note = (fact: WithoutTime<Fact>) => void;

/**
 * The gate at which a run stays when an undo failed: only a named person moves it on, by trying the undo
 * again or by ending the run as it is.
 */
export class RepairGate {
  readonly #note: Note;
  #open = false;
  #decision: Decision | undefined;

  /** Handlers are set at once: an update that finds none is refused by Temporal. */
  constructor(note: Note) {
    this.#note = note;
    listenFor('retry', (message, via) => this.#decide('retry', message, via));
    listenFor('stop', (message, via) => this.#decide('stop', message, via));
  }

  /** Waits, for as long as it takes. */
  async wait(): Promise<Decision> {
    this.#decision = undefined;
    this.#open = true;
    await condition(() => this.#decision !== undefined);
    this.#open = false;
    return this.#decision!;
  }

  #decide(message: Decision & MessageName, { by, note, doneByHand }: Message, via: Via): string {
    const why = this.#whyNot();
    if (why) {
      this.#note({ kind: 'refused', message, by, via, why });
      throw new Error(why);
    }
    this.#decision = message;
    const said = [note, doneByHand ? 'the rest was done by hand' : ''].filter(Boolean).join('; ');
    this.#note({ kind: 'said', message, by, via, ...(said ? { note: said } : {}) });
    return message === 'retry' ? 'trying the undo again' : 'ending the run as it is';
  }

  #whyNot(): string | undefined {
    if (!this.#open) return 'nothing waits for this: no undo has failed';
    if (this.#decision) return `already decided: ${this.#decision}`;
    return undefined;
  }
}
