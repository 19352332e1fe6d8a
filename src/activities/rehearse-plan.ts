import type { Backup } from '../domain/backup.js';
import { conclusionOf } from '../domain/conclusion.js';
import type { PlanSummary } from '../domain/plan.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { concluded } from '../plan/conclude.js';
import { summarise } from '../plan/summary.js';
import type { Home } from './home.js';
import { keepPlan, readPlan } from './plans.js';
import { rehearse } from './rehearse.js';
import type { Work } from './work.js';

/**
 * Rehearses the plan on a copy made from the backup, and makes it final: what the rehearsal showed becomes part
 * of the plan, and so of the hash that people approve.
 */
export async function rehearsePlan(
  home: Home,
  input: StepInput & { backup: Backup },
  work: Work,
): Promise<PlanSummary & Noted> {
  const target = home.target(input.target);
  const { note, ...rehearsal } = await rehearse(home, input, work);
  const plan = concluded(await readPlan(target.config.state, input.planHash), conclusionOf(rehearsal));
  await keepPlan(target.config.state, plan);
  return { ...summarise(plan), note };
}
