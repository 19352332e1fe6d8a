import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  rootCause,
  TimeoutFailure,
} from '@temporalio/workflow';
import { failureFrom, isTold, unforeseen, workerLost } from '../domain/failures.js';
import type { Problem } from '../domain/problem.js';
import type { Failure } from '../domain/record.js';

/** A Problem as the failure that Temporal knows: activities do this in an interceptor. */
export const failWith = ({ code, message, told }: Problem): ApplicationFailure =>
  ApplicationFailure.create({ message, type: code, nonRetryable: true, details: [told] });

/** The words in an error: a Problem's own when there is one, else what the SDK says. */
export function failureOfError(error: unknown): Failure {
  if (isCancellation(error)) return { code: 'cancelled', what: 'cancelled by request', next: [] };
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && isTold(cause.details?.[0]))
    return failureFrom(cause.type ?? 'unforeseen', cause.details[0]);
  if (cause instanceof TimeoutFailure) return workerLost();
  return unforeseen(rootCause(error) ?? String(error));
}

export const wordsOf = ({ what, why }: Failure): string => (why ? `${what}: ${why}` : what);
