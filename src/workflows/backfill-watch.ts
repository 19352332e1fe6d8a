import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import {
  backfillPage,
  withStretch,
  type BackfillState,
  type BackfillStatus,
} from '../domain/backfill/status.js';
import type { BackfillRequest } from '../domain/backfill/request.js';
import type { BackfillStretch } from '../domain/backfill/stretch.js';
import type { Failure } from '../domain/record.js';
import type { Message, MessageName } from '../domain/record.js';
import { listenFor, statusQuery, type Answer } from './messages.js';
import { keys } from './page.js';

/** What people want of a backfill. */
export interface Wanted {
  paused: boolean;
  stopped: string | null;
  rowsPerSecond: number | null;
}

/** What people see of a backfill, and say to it. */
export class BackfillWatch {
  #status: BackfillStatus;
  #shown: BackfillState | undefined;
  readonly wanted: Wanted;
  /** Ends the work that goes on, so that what was said holds at once. */
  interrupt: () => void = () => undefined;

  constructor({ target, name, carried, rowsPerSecond }: BackfillRequest) {
    this.wanted = {
      paused: carried?.paused ?? false,
      stopped: null,
      rowsPerSecond: carried ? carried.rowsPerSecond : (rowsPerSecond ?? null),
    };
    this.#status = {
      ...{ target, name, state: 'starting', says: '', standing: null, at: new Date().toISOString() },
      ...{ stretches: carried?.stretches ?? [], rowsPerSecond: this.wanted.rowsPerSecond, parked: [] },
      ...{ notes: carried?.notes ?? [], said: carried?.said ?? [], failure: null },
    };
    setHandler(statusQuery, () => this.#status, {
      description: 'How far it is, how fast, until when, as JSON',
    });
    this.#listen('pause', () => this.#pause());
    this.#listen('resume', () => this.#resume());
    this.#listen('rate', (message) => this.#rate(message));
    this.#listen(
      'stop',
      ({ by = '' }) => this.#stop(by),
      'End it here. What is done stays; started again it goes on.',
    );
    this.show({});
  }

  get status(): BackfillStatus {
    return this.#status;
  }

  show(changed: Partial<BackfillStatus>): void {
    this.#status = { ...this.#status, ...changed, at: new Date().toISOString() };
    setCurrentDetails(backfillPage(this.#status));
    if (this.#shown === this.#status.state) return;
    this.#shown = this.#status.state;
    upsertSearchAttributes([
      { key: keys.LockkeeperTarget, value: this.#status.target },
      { key: keys.LockkeeperState, value: `backfill ${this.#status.state}` },
    ]);
  }

  took(stretch: BackfillStretch): void {
    const { standing, held, parked } = stretch;
    const went =
      stretch.rows || held.length ? { stretches: withStretch(this.#status.stretches, stretch) } : {};
    const state = held.length ? 'held' : 'running';
    this.show({ standing, parked, ...went, state, says: held.join('; '), failure: null });
  }

  /** A person must look: what was done stays, and it waits for as long as it takes. */
  needsPerson(says: string, failure: Failure | null): void {
    this.wanted.paused = true;
    this.show({ state: 'needs a person', says, failure });
  }

  #pause(): Answer {
    if (this.wanted.paused) return { refused: `it is ${this.#status.state} already` };
    this.wanted.paused = true;
    this.interrupt();
    return { answer: 'paused: it stops after the batch that is at work, and keeps where it is' };
  }

  #resume(): Answer {
    if (!this.wanted.paused) return { refused: `it is not paused: it is ${this.#status.state}` };
    this.wanted.paused = false;
    return { answer: 'it goes on where it was' };
  }

  #rate({ rowsPerSecond }: Message): Answer {
    if (rowsPerSecond === undefined)
      return { refused: 'say how many: {"rowsPerSecond":5000}; 0 is no limit' };
    this.wanted.rowsPerSecond = rowsPerSecond || null;
    this.show({ rowsPerSecond: this.wanted.rowsPerSecond });
    this.interrupt();
    return {
      answer: rowsPerSecond ? `at most ${rowsPerSecond} rows a second` : 'no limit of people any more',
    };
  }

  #stop(by: string): Answer {
    this.wanted.stopped = by;
    this.interrupt();
    return { answer: 'it ends here; what is done stays, and started again it goes on' };
  }

  #listen(name: MessageName, take: (message: Message) => Answer, description?: string): void {
    const reducer = (message: Message): Answer => {
      const came: Answer = message.by
        ? take(message)
        : { refused: 'say who you are: {"by":"you@example.com"}' };
      this.#say(
        `${message.by ?? 'nobody named'}: ${name}${'refused' in came ? `, refused: ${came.refused}` : ''}`,
      );
      return came;
    };
    listenFor(name, reducer, (why) => this.#say(`${name}, refused: ${why}`), description);
  }

  #say(words: string): void {
    const said = [...this.#status.said, `${new Date().toISOString()} ${words}`.slice(0, 300)];
    this.show({ said: said.slice(-20) });
  }
}
