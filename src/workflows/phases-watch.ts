import { condition, defineQuery, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { PhasesRequest } from '../domain/phases/request.js';
import type { PhaseName } from '../domain/phases/settings.js';
import {
  backTargetOf,
  nextOf,
  phasesPage,
  phasesWord,
  withSaid,
  type PhaseLine,
  type PhasesState,
  type PhasesStatus,
} from '../domain/phases/status.js';
import type { Failure, Message, MessageName } from '../domain/record.js';
import { listenFor, statusQuery, type Answer } from './messages.js';
import { keys } from './page.js';

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
  /** Whether a run is at work that cannot be left: then nobody goes back. */
  atWork = false;
  /** Told of `pause` and `resume`, where what is at work can do so. */
  pass: (word: 'pause' | 'resume', by: string) => void = () => undefined;

  constructor({ target, change, carried, requestedBy }: PhasesRequest) {
    const { paused = false, hold = false } = carried ?? {};
    this.wanted = { paused, hold, go: null, back: null, abandon: null };
    this.went = carried?.went;
    this.overruled = carried?.overruled;
    this.#status = carried?.status ?? {
      ...{ target, change, requestedBy: requestedBy || 'not said', state: 'starting', phase: null, says: '' },
      ...{ next: [], until: null, lines: [], plans: [], runs: [], notes: [], said: [], failure: null, proof: null },
      at: new Date().toISOString(),
    };
    setHandler(statusQuery, () => this.#status, {
      description: 'Which phase it is in, what it waits for, and what can be said now',
    });
    setHandler(defineQuery<PhasesStatus>('record'), () => this.#status, {
      description: 'The same: all that is known of it',
    });
    this.#listen('pause', (message) => this.#pause(message), 'Begin no further phase until it is resumed.');
    this.#listen('resume', (message) => this.#resume(message), 'Go on.');
    this.#listen('go', (message) => this.#go(message));
    this.#listen('back', (message) => this.#back(message));
    this.#listen('abandon', (message) => this.#abandon(message));
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
    const next = [this.#verb('go', 'tries again'), this.#verb('back'), this.#verb('abandon')];
    this.show({ state: 'needs a person', phase, says, failure, next, until: null });
    this.say(`${phase}: a person must look: ${says}`);
  }

  /** `lockkeeper phases go shop orders-remark: what it does`. */
  #verb = (word: string, does = ''): string =>
    `lockkeeper phases ${word} ${this.#status.target} ${this.#status.change}${does ? `: ${does}` : ''}`;

  verb = this.#verb;

  #pause({ by = '' }: Message): Answer {
    if (this.wanted.paused) return { refused: 'it is paused already' };
    this.wanted.paused = true;
    this.pass('pause', by);
    return {
      answer: this.atWork
        ? `paused: the run of ${this.#status.phase} goes on to its end, and no further phase begins`
        : 'paused: no further phase begins',
    };
  }

  #resume({ by = '' }: Message): Answer {
    if (!this.wanted.paused) return { refused: `it is not paused: ${phasesWord(this.#status)}` };
    this.wanted.paused = false;
    this.pass('resume', by);
    return { answer: 'it goes on where it was' };
  }

  #go(message: Message): Answer {
    const { state, until, phase } = this.#status;
    const waits: readonly PhasesState[] = ['waits', 'needs a person'];
    if (!waits.includes(state)) return { refused: `nothing waits for that: ${phasesWord(this.#status)}` };
    if (state === 'waits' && until !== null && !message.overrule && !this.#status.proof)
      return {
        refused: `${phase} waits until ${until}; to go on before that, say why: {"overrule":"…"}, or --overrule`,
      };
    this.wanted.go = message;
    return { answer: `${phase}: it goes on` };
  }

  #back(message: Message): Answer {
    const why = this.#whyNotBack();
    if (why) return { refused: why };
    const last = backTargetOf(this.#status.lines);
    if (!last) return { refused: 'no phase is done yet: nothing can be taken back' };
    this.wanted.back = message;
    return { answer: `it takes back ${last.phase}` };
  }

  #abandon(message: Message): Answer {
    const why = this.#whyNotBack();
    if (why) return { refused: why };
    this.wanted.abandon = message;
    return { answer: 'it takes back all that was done, the last phase first, and ends' };
  }

  #whyNotBack(): string | null {
    const { state, target, phase } = this.#status;
    if (state === 'starting' || state === 'done' || state === 'abandoned' || state === 'going back')
      return `it can not be taken back now: it is ${state}`;
    if (!this.atWork) return null;
    return (
      `the run of ${phase} is at work: end that first: lockkeeper reject ${target}, or lockkeeper cancel ${target}; ` +
      'it puts back what it has done'
    );
  }

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
