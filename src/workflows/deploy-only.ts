import type { PlanSummary } from '../domain/plan.js';
import type { DeployRequest } from '../domain/requests.js';
import { schemaBack } from './put-back.js';
import { release } from './release.js';
import type { Run } from './run.js';
import { backUp } from './steps.js';

export const deployOnlySteps = ['fetch release', 'check', 'back up', 'deploy', 'health'] as const;

/** The release alone: nothing is pending, or the migration is skipped on purpose. */
export async function deployOnly(run: Run, plan: PlanSummary, request: DeployRequest): Promise<void> {
  if (request.backup) await run.step('back up', () => backUp(run.for(plan)));

  // A release that migrates by itself has then moved what this run left alone.
  if (plan.revisions) run.undo('put the schema back', () => schemaBack(run, plan));
  await release(run, plan, request);
}
