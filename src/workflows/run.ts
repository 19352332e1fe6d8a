import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Closer } from '../domain/closure.js';
import { doingOf } from '../domain/doing.js';
import type { EventName, Notice } from '../domain/notice.js';
import type { PlanSummary } from '../domain/plan.js';
import { failureOf, resultOf } from '../domain/record.js';
import type { Fact, Outcome, RunKind, RunRecord, StepName, UndoName, WithoutTime } from '../domain/record.js';
import { workflowIdOf, type RunResult } from '../domain/requests.js';
import { stateOf, stateText } from '../domain/state.js';
import type { Noted, RunInput, StepInput, Undone } from '../domain/steps.js';
import { assertWorkflowId, byPeople, failureOfError, inWords, wasCancelled, wordsOf } from './failures.js';
import { overdueSignal } from './messages.js';
import { Page } from './page.js';
import { People, type Repair } from './people.js';
import { answerQueries } from './queries.js';
import { Site } from './site.js';
import { keepRecord } from './steps.js';
import { whyNotTold } from './tell.js';
import { Undos } from './undos.js';

/** One run: does its steps, keeps its record, and undoes it, newest first, when a step fails. */
export class Run {
  readonly target: string;
  readonly id = workflowInfo().runId;
  readonly #kind: RunKind;
  /** `not said` where nobody did. */
  readonly requestedBy: string;
  readonly #facts: Fact[] = [];
  readonly #undos = new Undos();
  readonly site = new Site(this);
  readonly people = new People(this);
  readonly #page = new Page();
  #steps: readonly StepName[] = [];
  #committed = false;
  #outcome: Outcome = 'running';

  constructor(kind: RunKind, target: string, requestedBy: string | undefined, words: string) {
    this.#kind = kind;
    this.target = target;
    this.requestedBy = requestedBy || 'not said';
    answerQueries(() => this.record);
    setHandler(overdueSignal, (sent) =>
      this.note({ kind: 'overdue', says: String(sent?.says).slice(0, 500) }),
    );
    assertWorkflowId(workflowIdOf(target), `all that changes ${target}`);
    this.note({ kind: 'requested', by: this.requestedBy, words });
  }

  get record(): RunRecord {
    return {
      formatVersion: 1,
      kind: this.#kind,
      target: this.target,
      workflowId: workflowInfo().workflowId,
      runId: this.id,
      steps: this.#steps,
      outcome: this.#outcome,
      facts: this.#facts,
    };
  }

  /** Says which steps are to come. */
  willDo(steps: readonly StepName[]): void {
    this.#steps = steps;
    this.#page.show(this.record);
  }

  get input(): RunInput {
    return { target: this.target, runId: this.id, doing: doingOf(this.#kind, this.#facts) };
  }

  /** Who closes the site: a run opens only what it has closed itself. */
  get closer(): RunInput & Closer {
    return { ...this.input, kind: 'run', by: this.requestedBy };
  }

  /** What a step of the plan is told. */
  for(plan: PlanSummary): StepInput {
    return { ...this.input, planHash: plan.planHash, madeAt: plan.madeAt };
  }

  planned(plan: PlanSummary & Partial<Noted>): void {
    const { note: _, ...summary } = plan;
    this.note({ kind: 'planned', plan: summary });
  }

  /** Does one line of the runbook. What came of it is the result's own `note`, when it has one. */
  async step<T>(step: StepName, act: () => Promise<T>): Promise<T> {
    this.note({ kind: 'started', step });
    try {
      const result = await (this.#committed ? CancellationScope.nonCancellable(act) : act());
      const { closed } = (result ?? {}) as Undone;
      const finished = { kind: 'finished' as const, step, ...noteOf(result) };
      this.note(finished, ...(closed ? [{ kind: 'site', is: 'closed', note: closed } as const] : []));
      return result;
    } catch (error) {
      if (wasCancelled(error)) this.note({ kind: 'cancelled' });
      this.note({ kind: 'failed', step, failure: failureOfError(error) });
      throw error;
    }
  }

  /**
   * Says how to put back what the next step changes, before it: a step that timed out may have happened. The
   * undo must be safe to repeat, and safe when the step did nothing.
   */
  undo(undo: UndoName, act: () => Promise<Undone>): void {
    this.#undos.declare(undo, act);
  }

  /** The point of no return: from here on nothing is undone or cancelled; all that is left is to open the site. */
  commit(): void {
    this.#committed = true;
    this.#undos.commit('maintenance off', this.site.open);
    this.note({ kind: 'committed' });
  }

  /**
   * Does all the steps, or undoes those that were done.
   *
   * @throws ApplicationFailure, its type the outcome, so that nobody sees a green run that changed nothing;
   *   CancelledFailure when cancelled
   */
  async toEnd(steps: () => Promise<void>): Promise<RunResult> {
    try {
      await steps();
      await this.#end('done');
      return resultOf(this.record);
    } catch (error) {
      if (this.#outcome === 'done') throw error;
      const cancelled = wasCancelled(error);
      await CancellationScope.nonCancellable(async () => this.#end(byPeople(error, await this.#unwind())));
      if (this.record.outcome === 'done') return resultOf(this.record);
      if (cancelled && this.#outcome !== 'needs operator')
        throw new CancelledFailure(`cancelled: ${this.#outcome}`);
      const failure = failureOf(this.record) ?? failureOfError(error);
      throw inWords(wordsOf(failure), this.#outcome, resultOf(this.record));
    }
  }

  /** A person must put something right: sounds the alarm, and waits for as long as it takes. */
  async repair(fact: WithoutTime<Extract<Fact, { kind: 'undo failed' | 'found' }>>): Promise<Repair> {
    this.#outcome = 'repair';
    this.note(fact);
    const what = fact.kind === 'found' ? fact.what : `${fact.undo} failed: ${wordsOf(fact.failure)}`;
    await this.tell('undo-failed', `a person must decide: ${what}`);
    if (this.site.isClosed) await this.site.sound();
    return this.people.repair().finally(() => (this.#outcome = 'running'));
  }

  /** Tells whom the target's `notify` names. Never fails: the page tells the same. */
  async tell(event: EventName, text: string, more: Pick<Notice, 'outcome'> = {}): Promise<void> {
    const why = await whyNotTold({ ...this.input, event, text: `${this.target}: ${text}`, ...more });
    if (why) this.note({ kind: 'not told', event, why });
  }

  /** People decide: what is shown meanwhile says so. */
  async whileWaiting<T>(act: () => Promise<T>): Promise<T> {
    this.#outcome = 'waiting';
    this.#page.show(this.record);
    try {
      return await act();
    } finally {
      this.#outcome = 'running';
    }
  }

  note(...facts: readonly WithoutTime<Fact>[]): void {
    const at = new Date().toISOString();
    this.#facts.push(...facts.map((fact) => ({ at, ...fact }) as Fact));
    this.#page.show(this.record);
  }

  /** The record is kept whatever came of the run; a cancellation must not lose it. */
  async #end(outcome: Outcome): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      await condition(() => allHandlersFinished() && this.site.isIdle());
      this.#outcome = outcome;
      this.#page.show(this.record);
      await this.tell('ended', `${this.#kind}: ${outcome}. ${stateText(stateOf(this.record))}`, { outcome });
      await keepRecord(this.record);
    });
  }

  #unwind = (): Promise<Outcome> =>
    this.#undos.unwind(this.note.bind(this), (failed) => this.repair({ kind: 'undo failed', ...failed }));
}

const noteOf = (result: unknown): { note?: string } => {
  const note = (result as { note?: unknown } | undefined)?.note;
  return typeof note === 'string' && note ? { note } : {};
};
