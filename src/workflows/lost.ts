import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';

/** Problems that say so themselves. */
const LOST: readonly string[] = ['bridge-died', 'commit-unknown', 'migration-cut-off'];

/** A time-out, a worker that died, a bridge that went silent: what the step did is not known. */
export function answerWasLost(error: unknown): boolean {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) return false;
  const { cause } = error;
  return !(cause instanceof ApplicationFailure) || LOST.includes(cause.type ?? '');
}

/** The database was away, or somebody else held a lock: the step says that a moment later it may work. */
export const maySoonWork = (error: unknown): boolean =>
  error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && !error.cause.nonRetryable;
