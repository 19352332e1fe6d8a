import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { PlanSummary } from '../domain/plan.js';
import type { Marks } from '../domain/steps.js';
import type { Run } from './run.js';
import { settle, takeMarks, upgrade } from './steps.js';

/** How often a migration that is proved not to have happened is started again. */
const TRIES = 3;

/**
 * Migrates, once: an answer that was lost is settled from the database before anything else is done. Only
 * when the database is proved to be as before is the migration started again.
 *
 * @returns what was measured before it, for the checks that compare
 */
export async function migrate(run: Run, plan: PlanSummary): Promise<Marks> {
  const marks = await takeMarks(run.for(plan));
  for (let left = TRIES; ; left -= 1) {
    try {
      const { note } = await upgrade(run.for(plan));
      return { ...marks, note };
    } catch (error) {
      if (isCancellation(error) || !answerWasLost(error)) throw error;
      const { found, note } = await settle(run.for(plan));
      run.note({ kind: 'settled', found, note });
      if (found === 'new') return { ...marks, note };
      if (found === 'between' || left <= 1) throw error;
    }
  }
}

/** Problems that say so themselves. */
const LOST: readonly string[] = ['bridge-died', 'commit-unknown'];

/** A time-out, a worker that died, a bridge that went silent: what it did is not known. */
function answerWasLost(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  const { cause } = error;
  return !(cause instanceof ApplicationFailure) || LOST.includes(cause.type ?? '');
}
