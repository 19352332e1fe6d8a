import {
  condition,
  defineQuery,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { PhasesRequest } from '../domain/phases/request.js';
import type { PhaseName } from '../domain/phases/settings.js';
import {
  nextOf,
  phasesPage,
  phasesWord,
  withSaid,
  type PhaseLine,
  type PhasesStatus,
} from '../domain/phases/status.js';
import type { Failure, Message, MessageName } from '../domain/record.js';
import { listenFor, statusQuery, type Answer } from './messages.js';
import { keys } from './page.js';
import { abandon, back, go, pause, resume } from './phases-answers.js';

/** What people want of a change. What was done of it is taken away again. */
export interface Wanted {
  paused: boolean;
  /** After going back: nothing begins before somebody says so. */
  hold: boolean;
  go: Message | null;
  back: Message | null;
  abandon: Message | null;
}

/** What people see of a change in phases, and say to it. */
export class PhasesWatch {
  #status: PhasesStatus;
  #word = '';
  readonly wanted: Wanted;
  /** The phase whose `go` was said, and why it begins although something speaks against it. */
  went: PhaseName | undefined;
  overruled: string | undefined;
  /** Who said that the phase shall begin; else who began the change. */
  by: string | undefined;
  /** What stood in the way, and may be taken as it is; and what a person has taken so. */
  found: readonly string[] = [];
  accepted: readonly string[] = [];
  /** Whether people were told that old code may be left: once for each wait. */
  toldOfOldCode: boolean;
  /** Whether a run is at work that cannot be left: then nobody goes back. */
  atWork = false;
  /** Told of `pause` and `resume`, where what is at work can do so. */
  pass: (word: 'pause' | 'resume', by: string) => void = () => undefined;

  constructor({ target, change, carried, requestedBy }: PhasesRequest) {
    const { paused = false, hold = false } = carried ?? {};
    this.wanted = { paused, hold, go: null, back: null, abandon: null };
    this.went = carried?.went;
    this.overruled = carried?.overruled;
    this.toldOfOldCode = carried?.status.proof?.holds === false;
    this.#status = carried?.status ?? {
      ...{ target, change, requestedBy: requestedBy || 'not said', state: 'starting', phase: null, says: '' },
      ...{
        next: [],
        until: null,
        lines: [],
        plans: [],
        runs: [],
        notes: [],
        said: [],
        failure: null,
        proof: null,
      },
      at: new Date().toISOString(),
    };
    setHandler(statusQuery, () => this.#status, {
      description: 'Which phase it is in, what it waits for, and what can be said now',
    });
    setHandler(defineQuery<PhasesStatus>('record'), () => this.#status, {
      description: 'The same: all that is known of it',
    });
    this.#listen('pause', (message) => pause(this, message), 'Begin no further phase until it is resumed.');
    this.#listen('resume', (message) => resume(this, message), 'Go on.');
    this.#listen('go', (message) => go(this, message));
    this.#listen('back', (message) => back(this, message));
    this.#listen('abandon', (message) => abandon(this, message));
    this.show({});
  }

  get status(): PhasesStatus {
    return this.#status;
  }

  show(changed: Partial<PhasesStatus>): void {
    this.#status = { ...this.#status, ...changed, at: new Date().toISOString() };
    setCurrentDetails(phasesPage(this.#status));
    const word = phasesWord(this.#status);
    if (word === this.#word) return;
    this.#word = word;
    upsertSearchAttributes([
      { key: keys.LockkeeperTarget, value: this.#status.target },
      { key: keys.LockkeeperState, value: word },
    ]);
  }

  /** One phase is another now. */
  line(phase: PhaseName, changed: Partial<PhaseLine>): void {
    const lines = this.#status.lines.map((line) => (line.phase === phase ? { ...line, ...changed } : line));
    this.show({ lines });
  }

  say(words: string): void {
    this.show({ said: withSaid(this.#status.said, `${new Date().toISOString()} ${words}`) });
  }

  /** Whether somebody wants something else than what is waited for. */
  isInterrupted = (): boolean =>
    this.wanted.paused || this.wanted.back !== null || this.wanted.abandon !== null;

  /**
   * Waits until the time is over or somebody says something.
   *
   * @param ms - undefined: for as long as it takes
   */
  async wait(ms: number | undefined, summary: string): Promise<void> {
    const heard = () => this.isInterrupted() || this.wanted.go !== null;
    if (ms === undefined) await condition(heard);
    else await condition(heard, Math.max(1, ms), { summary });
  }

  /** Until it is resumed; going back is not begun later for it. */
  whilePaused = (): Promise<void> =>
    condition(() => !this.wanted.paused || this.wanted.back !== null || this.wanted.abandon !== null);

  /** Takes a `go` that was said. @returns null where there is none */
  took(): Message | null {
    const { go } = this.wanted;
    this.wanted.go = null;
    return go;
  }

  /** What was said of a phase that is over does not hold for the next one. */
  forget(): void {
    this.accepted = [];
    this.found = [];
    this.by = undefined;
    this.went = undefined;
    this.overruled = undefined;
  }

  /** A person must look: what was done stays, and it waits for as long as it takes. */
  needsPerson(phase: PhaseName, says: string, failure: Failure | null = null): void {
    this.line(phase, { state: 'needs a person', says });
    const next = [this.verb('go', 'tries again'), this.verb('back'), this.verb('abandon')];
    this.show({ state: 'needs a person', phase, says, failure, next, until: null });
    this.say(`${phase}: a person must look: ${says}`);
  }

  /** `lockkeeper phases go shop orders-remark: what it does`. */
  verb = (word: string, does = ''): string =>
    `lockkeeper phases ${word} ${this.#status.target} ${this.#status.change}${does ? `: ${does}` : ''}`;

  #listen(name: MessageName, take: (message: Message) => Answer, description?: string): void {
    const reducer = (message: Message): Answer => {
      const came: Answer = message.by
        ? take(message)
        : { refused: 'say who you are: {"by":"you@example.com"}' };
      const { by = 'nobody named', note, overrule } = message;
      const words = [overrule && `overrules: ${overrule}`, note].filter(Boolean).join('; ');
      const refused = 'refused' in came ? `, refused: ${came.refused}` : '';
      this.say(`${by}: ${name}${words ? ` (${words})` : ''}${refused}`);
      return came;
    };
    listenFor(name, reducer, (why) => this.say(`${name}, refused: ${why}`), description);
  }

  /** Which phase is next; undefined when all are done. */
  next = (): PhaseLine | undefined => nextOf(this.#status.lines);
}
