import type { PlanSummary } from '../domain/plan.js';
import type { DeployRequest } from '../domain/requests.js';
import { releaseBack, schemaBack } from './put-back.js';
import type { Run } from './run.js';
import { backUp, health, startRelease } from './steps.js';

export const deployOnlySteps = ['fetch release', 'check', 'back up', 'deploy', 'health'] as const;

/** The release alone: nothing is pending, or the migration is skipped on purpose. */
export async function deployOnly(run: Run, plan: PlanSummary, request: DeployRequest): Promise<void> {
  if (request.backup) await run.step('back up', () => backUp(run.for(plan)));

  // A release that migrates by itself has then moved what this run left alone.
  if (plan.revisions) run.undo('put the schema back', () => schemaBack(run, plan));
  if (request.withoutDeploy) return;
  run.undo('put the release back', () => releaseBack(run.for(plan)));
  await run.step('deploy', () => startRelease(run.for(plan)));
  await run.step('health', () => health(run.for(plan)));
}
