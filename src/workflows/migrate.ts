import type { PlanSummary } from '../domain/plan.js';
import type { Noted } from '../domain/steps.js';
import { answerWasLost } from './lost.js';
import type { Run } from './run.js';
import { settle, upgrade } from './steps.js';

/** How often a migration that is proved not to have happened is started again. */
const TRIES = 3;

/**
 * Migrates, once: an answer that was lost is settled from the database before anything else is done. Only
 * when the database is proved to be as before is the migration started again.
 */
export async function migrate(run: Run, plan: PlanSummary): Promise<Noted> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await upgrade(run.for(plan));
    } catch (error) {
      if (!answerWasLost(error)) throw error;
      const { found, note } = await settle(run.for(plan));
      run.note({ kind: 'settled', found, note });
      if (found === 'new') return { note };
      if (found === 'between' || left <= 1) throw error;
    }
  }
}
