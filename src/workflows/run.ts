import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Closer } from '../domain/closure.js';
import type { PlanSummary } from '../domain/plan.js';
import { failureOf, planOf } from '../domain/record.js';
import type { Fact, Outcome, RunKind, RunRecord, StepName, UndoName, WithoutTime } from '../domain/record.js';
import { workflowIdOf, type RunResult } from '../domain/requests.js';
import type { Noted, RunInput, StepInput, Undone } from '../domain/steps.js';
import { byPeople, failureOfError, wasCancelled, wordsOf, wrongId } from './failures.js';
import { recordQuery } from './messages.js';
import { Page } from './page.js';
import { People } from './people.js';
import { keepRecord } from './steps.js';

type Undo = { undo: UndoName; act: () => Promise<Undone> };

/** One run: does its steps, keeps its record, and undoes it, newest first, when a step fails. */
export class Run {
  readonly target: string;
  readonly id = workflowInfo().runId;
  readonly #kind: RunKind;
  readonly #requestedBy: string;
  readonly #facts: Fact[] = [];
  readonly #undos: Undo[] = [];
  readonly people = new People((fact) => this.note(fact));
  readonly #page = new Page();
  #steps: readonly StepName[] = [];
  #committed = false;
  #outcome: Outcome = 'running';

  constructor(kind: RunKind, target: string, requestedBy: string | undefined, words: string) {
    this.#kind = kind;
    this.target = target;
    this.#requestedBy = requestedBy || 'not said';
    setHandler(recordQuery, () => this.record, { description: 'What has happened so far, as facts' });
    if (workflowInfo().workflowId !== workflowIdOf(target)) throw wrongId(target);
    this.note({ kind: 'requested', by: this.#requestedBy, words });
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
    return { target: this.target, runId: this.id };
  }

  /** Who closes the site: a run opens only what it has closed itself. */
  get closer(): RunInput & Closer {
    return { ...this.input, kind: 'run', by: this.#requestedBy };
  }

  /** What a step of the plan is told. */
  for(plan: PlanSummary): StepInput {
    return { target: this.target, runId: this.id, planHash: plan.planHash };
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
      this.note({ kind: 'finished', step, ...noteOf(result) });
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
    this.#undos.push({ undo, act });
  }

  /** The point of no return: from here on nothing is undone or cancelled, only tried until it works. */
  commit(): void {
    this.#committed = true;
    this.#undos.length = 0;
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
      return this.#result;
    } catch (error) {
      if (this.#outcome === 'done') throw error;
      const cancelled = wasCancelled(error);
      await CancellationScope.nonCancellable(async () => this.#end(byPeople(error, await this.#unwind())));
      if (cancelled && this.#outcome !== 'needs operator')
        throw new CancelledFailure(`cancelled: ${this.#outcome}`);
      const failure = failureOf(this.record) ?? failureOfError(error);
      throw ApplicationFailure.nonRetryable(wordsOf(failure), this.#outcome, this.#result);
    }
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

  note(fact: WithoutTime<Fact>): void {
    this.#facts.push({ at: new Date().toISOString(), ...fact } as Fact);
    this.#page.show(this.record);
  }

  get #result(): RunResult {
    const plan = planOf(this.record);
    return {
      outcome: this.#outcome,
      ...(plan ? { planHash: plan.planHash, release: plan.release } : {}),
      record: `records/${this.target}/${this.id}.json`,
    };
  }

  /** The record is kept whatever came of the run; a cancellation must not lose it. */
  async #end(outcome: Outcome): Promise<void> {
    this.#outcome = outcome;
    this.#page.show(this.record);
    await CancellationScope.nonCancellable(() => keepRecord(this.record));
  }

  /** Stops at the first undo that fails: going on over a half-restored database would make it worse. */
  async #unwind(): Promise<Outcome> {
    let outcome: Outcome = this.#undos.length ? 'undone' : 'failed';
    for (let next = this.#undos.at(-1); next; next = this.#undos.at(-1)) {
      const came = await this.#undoOne(next);
      if (came === 'retry') continue;
      if (came === 'stop') return 'needs operator';
      if (came === 'left') outcome = 'partly undone';
      this.#undos.pop();
    }
    return outcome;
  }

  async #undoOne({ undo, act }: Undo): Promise<'undone' | 'left' | 'retry' | 'stop'> {
    this.note({ kind: 'undoing', undo });
    try {
      const { note, left } = await act();
      if (left) this.note({ kind: 'left', undo, note: left });
      else this.note({ kind: 'undone', undo, ...(note ? { note } : {}) });
      return left ? 'left' : 'undone';
    } catch (error) {
      const left = this.#undos.map((each) => each.undo).toReversed();
      this.#outcome = 'repair';
      this.note({ kind: 'undo failed', undo, failure: failureOfError(error), left });
      const decision = await this.people.repair();
      this.#outcome = 'running';
      return decision;
    }
  }
}

const noteOf = (result: unknown): { note?: string } => {
  const note = (result as { note?: unknown } | undefined)?.note;
  return typeof note === 'string' && note ? { note } : {};
};
