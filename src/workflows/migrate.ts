import type { PlanSummary } from '../domain/plan.js';
import type { Noted } from '../domain/steps.js';
import { BlockedAt, blockedIn } from './blocked.js';
import { answerWasLost } from './lost.js';
import type { Run } from './run.js';
import { settle, upgrade } from './steps.js';

/** How often a migration that is proved not to have happened is started again. */
const TRIES = 3;

/**
 * Migrates, once: an answer that was lost is settled from the database before anything else is done. Only
 * when the database is proved to be as before, or at the end of one of the revisions, is the migration started again;
 * what is committed is left out then. One that others keep from its lock is
 * started again as often as people want.
 */
export async function migrate(run: Run, plan: PlanSummary): Promise<Noted> {
  const gate = new BlockedAt(run, plan);
  for (let left = TRIES; ;) {
    try {
      return await upgrade({ ...run.for(plan), ...gate.input });
    } catch (error) {
      const blocked = blockedIn(error);
      if (blocked) {
        await gate.decide(blocked, error);
        continue;
      }
      if (!answerWasLost(error)) throw error;
      const { found, note, goesOn } = await settle(run.for(plan));
      run.note({ kind: 'settled', found, note });
      if (found === 'new') return { note };
      if ((found === 'between' && !goesOn) || left <= 1) throw error;
      left -= 1;
    }
  }
}
