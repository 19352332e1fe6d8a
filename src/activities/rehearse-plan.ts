import type { Backup } from '../domain/backup.js';
import { conclusionOf } from '../domain/conclusion.js';
import { forecastOf, provedBackup } from '../domain/forecast.js';
import type { PlanSummary } from '../domain/plan.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { concluded } from '../plan/conclude.js';
import { summarise } from '../plan/summary.js';
import type { Home } from './home.js';
import { windowNote } from './plan-age.js';
import { keepPlan, readPlan } from './plans.js';
import { recordsOf } from './records.js';
import { rehearse } from './rehearse.js';
import type { Work } from './work.js';

/**
 * Rehearses the plan on a copy made from the backup, and makes it final: what the rehearsal showed becomes part
 * of the plan, and so of the hash that people approve. What it measured goes beside the plan, which is as old as
 * what was checked.
 *
 * @throws Problem `no-window`, `window-too-late`, those of `rehearse`
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
  // People are asked next: what cannot run in time is told before they are.
  const opens = windowNote(target, plan.risk, input);
  const { madeAt } = input;
  return {
    ...summarise(plan),
    ...(madeAt === undefined ? {} : { madeAt }),
    backup: provedBackup(input.backup),
    forecast: forecastOf(plan.procedure, rehearsal, input.backup, records),
    note: `${note}${opens}`,
  };
}
