import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  rootCause,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { failureFrom, isTold, unforeseen, workerLost } from '../domain/failures.js';
import type { Problem } from '../domain/problem.js';
import type { Failure, Outcome } from '../domain/record.js';

/** A failure as people read it: the Web UI would show a stack below the words, which tells them nothing. */
export function inWords(message: string, type: string, ...details: unknown[]): ApplicationFailure {
  const failure = ApplicationFailure.create({ message, type, nonRetryable: true, details });
  failure.stack = '';
  return failure;
}

/** A Problem as the failure that Temporal knows: activities do this in an interceptor. */
export const failWith = ({ code, message, told }: Problem): ApplicationFailure =>
  inWords(message, code, told);

/** The words in an error: a Problem's own when there is one, else what the SDK says. */
export function failureOfError(error: unknown): Failure {
  if (isCancellation(error)) return { code: 'cancelled', what: 'cancelled by request', next: [] };
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && isTold(cause.details?.[0]))
    return failureFrom(cause.type ?? 'unforeseen', cause.details[0]);
  if (cause instanceof TimeoutFailure) return workerLost();
  return unforeseen(rootCause(error) ?? String(error));
}

/** A step whose worker is dead cannot say that it was cancelled: then its time-out comes. */
export const wasCancelled = (error: unknown): boolean =>
  isCancellation(error) || CancellationScope.current().consideredCancelled;

export const wordsOf = ({ what, why }: Failure): string => (why ? `${what}: ${why}` : what);

/** Nothing failed where people did not want it: the run ends as what they said. */
export function byPeople(error: unknown, outcome: Outcome): Outcome {
  const type = error instanceof ApplicationFailure ? error.type : undefined;
  if (outcome !== 'failed' && outcome !== 'undone') return outcome;
  if (type === 'expired') return 'expired';
  return type === 'rejected' || type === 'ended-by-person' ? 'rejected' : outcome;
}

/** All that changes a target runs under one id; a workflow of another id refuses in its first line. */
export const assertWorkflowId = (id: string, whatFor: string): void => {
  if (workflowInfo().workflowId === id) return;
  throw inWords(
    `${whatFor} runs as workflow ${id}, so that only one does at a time; ` +
      `start it with --workflow-id ${id} --fail-existing`,
    'wrong-workflow-id',
  );
};
