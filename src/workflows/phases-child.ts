import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ParentClosePolicy,
  rootCause,
  startChild,
  type ChildWorkflowHandle,
  type Workflow,
} from '@temporalio/workflow';
import { failureFrom, isTold } from '../domain/failures.js';
import type { PhaseName } from '../domain/phases/settings.js';
import type { Failure } from '../domain/record.js';
import type { PhasesWatch } from './phases-watch.js';

/** What a phase's run came to. */
export type Came<T> = { result: T; runId: string } | { failure: Failure; runId: string } | undefined;

export interface ChildOfPhase {
  workflow: 'deploy' | 'rollback' | 'backfill';
  workflowId: string;
  request: object;
  phase: PhaseName;
}

/** Short at first; then few events in the history of a long wait. */
const AGAIN_MS = [5_000, 20_000, 60_000];
const AGAIN_LATER_MS = 300_000;
/** Then the history is begun anew, before its next try. */
const MOST_TRIES = 200;

/**
 * Does one run as a child under the id of what it changes: while that is at work it waits, says so, and never disturbs it.
 *
 * @returns undefined when people want something else meanwhile, or it has tried for a day
 */
export async function childOf<T>(watch: PhasesWatch, child: ChildOfPhase): Promise<Came<T>> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    if (watch.isInterrupted()) return undefined;
    const handle = await startedOrNot(watch, child);
    if (handle) return resultOf<T>(watch, handle, child);
    const says = `${child.workflowId} is at work; it begins when that has ended`;
    watch.line(child.phase, { state: 'waits', says });
    watch.show({ state: 'waits', says, until: null, next: [] });
    await watch.wait(AGAIN_MS[tries] ?? AGAIN_LATER_MS, `until ${child.workflowId} has ended`);
    watch.took();
  }
  return undefined;
}

async function startedOrNot(
  { status: { target, change } }: PhasesWatch,
  { workflow, workflowId, request, phase }: ChildOfPhase,
): Promise<ChildWorkflowHandle<Workflow> | undefined> {
  try {
    return await startChild(workflow, {
      workflowId,
      args: [request],
      // It ends as it would: nothing is left half done because this was ended.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${workflow} ${target}: ${phase} of ${change}`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

async function resultOf<T>(
  watch: PhasesWatch,
  handle: ChildWorkflowHandle<Workflow>,
  { workflowId, phase, workflow }: ChildOfPhase,
): Promise<Came<T>> {
  const runId = handle.firstExecutionRunId;
  const says = `${workflowId}, run ${runId}`;
  watch.line(phase, { state: 'running', says, runId, began: new Date().toISOString() });
  watch.toldOfOldCode = false;
  watch.show({
    ...{ says, failure: null, until: null },
    // On which evidence contract began is told to the end.
    ...(phase === 'contract' && workflow === 'deploy' ? {} : { proof: null }),
    state: workflow === 'rollback' ? 'going back' : 'running',
    next: [`lockkeeper status ${watch.status.target}`],
  });
  if (workflow !== 'backfill') watch.show({ runs: [...watch.status.runs, runId].slice(-40) });
  watch.atWork = workflow !== 'backfill';
  try {
    return { result: (await handle.result()) as T, runId };
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
    return { failure: failureOfChild(error, watch.status.target), runId };
  } finally {
    watch.atWork = false;
  }
}

/** The words of the run's own failure, whatever Temporal wraps it in. */
export function failureOfChild(error: unknown, target: string): Failure {
  const next = [`see what happened: lockkeeper report ${target}`];
  for (let cause = error; cause instanceof Error; cause = (cause as { cause?: unknown }).cause) {
    if (cause instanceof CancelledFailure) return { code: 'cancelled', what: 'the run was cancelled', next };
    if (!(cause instanceof ApplicationFailure)) continue;
    const told = cause.details?.[0];
    if (isTold(told)) return failureFrom(cause.type ?? 'unforeseen', told);
    return { code: cause.type ?? 'unforeseen', what: cause.message, next };
  }
  return { code: 'unforeseen', what: rootCause(error) ?? String(error), next };
}
