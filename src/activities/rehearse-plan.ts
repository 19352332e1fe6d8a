import type { Backup } from '../domain/backup.js';
import { conclusionOf } from '../domain/conclusion.js';
import { forecastOf, provedBackup } from '../domain/forecast.js';
import type { PlanSummary } from '../domain/plan.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { concluded } from '../plan/conclude.js';
import { summarise } from '../plan/summary.js';
import type { Home } from './home.js';
import { keepPlan, readPlan } from './plans.js';
import { recordsOf } from './records.js';
import { rehearse } from './rehearse.js';
import type { Work } from './work.js';

/**
 * Rehearses the plan on a copy made from the backup, and makes it final: what the rehearsal showed becomes part
 * of the plan, and so of the hash that people approve. What it measured goes beside the plan.
 */
export async function rehearsePlan(
  home: Home,
  input: StepInput & { backup: Backup },
  work: Work,
): Promise<PlanSummary & Noted> {
  const target = home.target(input.target);
  const { state } = target.config;
  const { note, ...rehearsal } = await rehearse(home, input, work);
  const plan = concluded(await readPlan(state, input.planHash), conclusionOf(rehearsal));
  await keepPlan(state, plan);
  const records = await recordsOf(state, target.name);
  return {
    ...summarise(plan),
    backup: provedBackup(input.backup),
    forecast: forecastOf(plan.procedure, rehearsal, input.backup, records),
    note,
  };
}
