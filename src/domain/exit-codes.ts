import type { Outcome } from './record.js';

/** What the CLI ends with, for scripts. */
export const exitCodes = {
  done: 0,
  /** It failed and nothing was changed, or all was put back. */
  failed: 1,
  /** Wrong flags or settings, or something that is needed is not there: nothing was started. */
  wrongUse: 2,
  /** A person must decide before it goes on. */
  undecided: 3,
  /** An undo failed, or something was left as it is: an operator must look. */
  operator: 4,
  /** Old code is left that uses what a change takes away, or nobody can tell. */
  oldCode: 5,
  /** The command was interrupted; the run goes on. */
  interrupted: 130,
} as const;

export function exitCodeOf(outcome: Outcome): number {
  switch (outcome) {
    case 'done':
      return exitCodes.done;
    case 'failed':
    case 'rejected':
    case 'expired':
    case 'undone':
      return exitCodes.failed;
    case 'partly undone':
    case 'repair':
    case 'needs operator':
      return exitCodes.operator;
    case 'running':
    case 'waiting':
      return exitCodes.undecided;
  }
}
