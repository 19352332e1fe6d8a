import type { PlanSummary } from '../domain/plan.js';
import type { DeployRequest } from '../domain/requests.js';
import { approval } from './approve.js';
import { deployOnly } from './deploy-only.js';
import { migrate } from './migrate.js';
import { releaseBack, schemaBack } from './put-back.js';
import type { Run } from './run.js';
import { backUp, compare, health, startRelease, verify } from './steps.js';
import { window } from './window.js';

/** The lines of this procedure, in order; the test holds this file against them. */
export const lowRiskSteps = [
  'fetch release',
  'check',
  'back up',
  'approve',
  'window',
  'compare',
  'migrate',
  'verify',
  'deploy',
  'health',
] as const;

/**
 * The low-risk procedure: what is added is added online, and the release that runs now does not notice it.
 * So nobody is asked, and the release is started after the schema is there and verified.
 *
 * Each `run.step` is one line of the runbook and of the report. Each `run.undo` stands before the step that it
 * undoes; on failure or cancellation the undos run, newest first.
 */
export async function lowRisk(run: Run, plan: PlanSummary, request: DeployRequest): Promise<void> {
  if (request.backup) await run.step('back up', () => backUp(run.for(plan)));
  const decided =
    request.migrate === 'manual' || plan.gate.approvals > 0
      ? await run.step('approve', () => approval(run, plan, request))
      : { migrate: true };
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
