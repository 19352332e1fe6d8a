import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { blockedOf } from '../domain/asked.js';
import { BY_HAND, handOf } from '../domain/closure.js';
import { whyNoToggle } from '../domain/messages.js';
import { stateWord } from '../domain/page.js';
import { endedByPerson } from '../domain/problems/people.js';
import type { Message } from '../domain/record.js';
import { alarmIdOf } from '../domain/requests.js';
import { stateOf } from '../domain/state.js';
import { failureOfError, failWith, wordsOf } from './failures.js';
import type { Answer } from './messages.js';
import type { Run } from './run.js';
import { closeSite, leftBehind, openSite, takeOver } from './steps.js';

/** The site of a run's target: the run closes and opens it, and so may people while the run waits for them. */
export class Site {
  readonly #run: Run;
  #busy = false;
  /** What closed it is no more: whoever decides about this run decides about the site. */
  #inherited = false;
  #ours = false;

  constructor(run: Run) {
    this.#run = run;
  }

  get isClosed(): boolean {
    return stateOf(this.#run.record).site === 'closed';
  }

  /** Whether nobody is closing or opening it just now. */
  readonly isIdle = (): boolean => !this.#busy;

  /** Closes it for a change, and sets its alarm. */
  async close(reason: string) {
    this.#ours = true;
    const closed = await closeSite({ ...this.#run.closer, reason });
    await this.sound();
    return closed;
  }

  readonly open = () => openSite(this.#run.closer);

  /** An alarm of its own outlives the run, which may be cancelled or terminated while the site is closed. */
  async sound(): Promise<void> {
    const { target } = this.#run;
    const options = {
      workflowId: alarmIdOf(target),
      args: [{ target, watch: true }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${target}: the site is closed`,
    };
    try {
      await CancellationScope.nonCancellable(() => startChild('maintenance', options));
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error; // it watches already
    }
  }

  /** An earlier run may have been ended from outside: what it has left is told, and a closed site asked about. */
  async lookBack(): Promise<void> {
    const { what, closure } = await leftBehind(this.#run.input);
    if (what) this.#run.note({ kind: 'found', what });
    if (closure) await this.#inherit(closure);
  }

  /**
   * The site is closed by a run that is no more: a person says whether this run takes that over, and opens it at
   * its end, or ends.
   */
  async #inherit(closure: string): Promise<void> {
    const run = this.#run;
    this.#inherited = true;
    run.note({ kind: 'site', is: 'closed', note: 'as it was found' });
    const what = `the site is still ${closure}; that run came to no end`;
    const decision = await run.repair({ kind: 'found', what });
    if (decision === 'stop') throw failWith(endedByPerson(run.target));
    if (!this.isClosed) return;
    run.undo('maintenance off', this.open);
    const { note } = await takeOver(run.closer);
    run.note({ kind: 'found', what: note });
    this.#ours = true;
  }

  /** A procedure that does not close the site opens the one that it has taken over. */
  async openInherited(): Promise<void> {
    if (this.#inherited && this.isClosed) await this.#run.step('maintenance off', this.open);
  }

  /** The message `maintenance`. The run goes on only when what was asked for is done. */
  async toggle(message: Message): Promise<Answer> {
    const refused = this.#whyNot(message);
    if (refused) return { refused };
    this.#busy = true;
    try {
      const note = await CancellationScope.nonCancellable(() =>
        message.turn === 'on' ? this.#closeFor(message) : this.#openFor(message),
      );
      return { answer: note };
    } catch (error) {
      return { refused: wordsOf(failureOfError(error)) };
    } finally {
      this.#busy = false;
    }
  }

  #whyNot(message: Message): string | null {
    const { record } = this.#run;
    const unclear = whyNoToggle(message);
    if (unclear) return unclear;
    if (this.#busy) return 'the site is being closed or opened already';
    if (message.turn === 'off' && this.#ours && blockedOf(record))
      return 'not now: the migration runs with the site closed; choose give-up, and the run opens it';
    if (record.outcome === 'waiting' || record.outcome === 'repair') return null;
    return `not now: the run is at work (${stateWord(record)}), and opens the site itself at its end`;
  }

  async #closeFor({ by = '', reason = BY_HAND, minutes }: Message): Promise<string> {
    const closer = handOf(this.#run.target, by);
    const { note } = await closeSite({ ...closer, reason, ...(minutes ? { minutes } : {}) });
    this.#run.note({ kind: 'site', is: 'closed', note: `${by}: ${note}` });
    await this.sound();
    return note;
  }

  async #openFor({ by = '', force }: Message): Promise<string> {
    const byForce = force ?? (this.#inherited && !this.#ours);
    const came = await openSite(
      this.#ours && !force ? this.#run.closer : { ...handOf(this.#run.target, by), force: byForce },
    );
    const { closed, note = closed ?? '' } = came;
    this.#run.note({ kind: 'site', is: closed ? 'closed' : 'open', note: `${by}: ${note}` });
    return note;
  }
}
