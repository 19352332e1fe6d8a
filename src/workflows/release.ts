import type { PlanSummary } from '../domain/plan.js';
import type { DeployRequest } from '../domain/requests.js';
import { releaseBack } from './put-back.js';
import type { Run } from './run.js';
import { health, startRelease } from './steps.js';

/** Starts the release and asks it whether it is well; not where the migration alone was wanted. */
export async function release(run: Run, plan: PlanSummary, request: DeployRequest): Promise<void> {
  if (request.withoutDeploy) return;
  run.undo('put the release back', () => releaseBack(run.for(plan)));
  await run.step('deploy', () => startRelease(run.for(plan)));
  await run.step('health', () => health(run.for(plan)));
}
