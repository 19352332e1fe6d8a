import type { PlanSummary } from '../domain/plan.js';
import type { DeployRequest } from '../domain/requests.js';
import { approval } from './approve.js';
import { deployOnly } from './deploy-only.js';
import { migrate } from './migrate.js';
import { releaseBack, schemaBack } from './put-back.js';
import type { Run } from './run.js';
import { backUp, compare, health, rehearse, startRelease, verify } from './steps.js';
import { window } from './window.js';

/** The lines of this procedure, in order; the test holds this file against them. */
export const mediumRiskSteps = [
  'fetch release',
  'check',
  'back up',
  'rehearse',
  'approve',
  'window',
  'compare',
  'migrate',
  'verify',
  'deploy',
  'health',
] as const;

/**
 * The medium-risk procedure: online, and a person looks first. The slow parts come before the gate; what is
 * approved is the plan with what the rehearsal showed, which also proves the backup.
 */
export async function mediumRisk(run: Run, checked: PlanSummary, request: DeployRequest): Promise<void> {
  const backup = await run.step('back up', () => backUp(run.for(checked)));
  const plan = await run.step('rehearse', () => rehearse({ ...run.for(checked), backup }));
  run.planned(plan);
  const decided = await run.step('approve', () => approval(run, plan, request));
  if (plan.gate.hasWindow) await run.step('window', () => window(run, plan));

  if (!decided.migrate) return deployOnly(run, plan, { ...request, backup: false });

  const marks = await run.step('compare', () => compare(run.for(plan)));

  run.undo('put the schema back', () => schemaBack(run, plan));
  await run.step('migrate', () => migrate(run, plan));
  await run.step('verify', () => verify({ ...run.for(plan), marks }));

  if (request.withoutDeploy) return;
  run.undo('put the release back', () => releaseBack(run.for(plan)));
  await run.step('deploy', () => startRelease(run.for(plan)));
  await run.step('health', () => health(run.for(plan)));
}
