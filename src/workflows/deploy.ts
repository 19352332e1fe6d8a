import type { PlanSummary, ProcedureName } from '../domain/plan.js';
import type { StepName } from '../domain/record.js';
import { deployKeys, type DeployRequest, type RunResult } from '../domain/requests.js';
import { deployOnly, deployOnlySteps } from './deploy-only.js';
import { highRisk, highRiskSteps } from './high-risk.js';
import { lowRisk, lowRiskSteps } from './low-risk.js';
import { mediumRisk, mediumRiskSteps } from './medium-risk.js';
import { wellFormed } from './requests.js';
import { Run } from './run.js';
import { check, fetchRelease } from './steps.js';

/**
 * Takes a target to its next release: fetches it, checks what would run, and runs the procedure that the
 * risk calls for.
 *
 * @param request - one JSON object, see DeployRequest
 * @throws ApplicationFailure, its type the run's outcome; CancelledFailure when cancelled
 */
export async function deploy(request?: DeployRequest): Promise<RunResult> {
  const { target, ...asked } = wellFormed(request, deployKeys);
  const run = new Run('deploy', target, asked.requestedBy, wordsOf(asked));
  run.willDo(['fetch release', 'check']);

  return run.toEnd(async () => {
    const next = await run.step('fetch release', async () => {
      await run.site.lookBack();
      return fetchRelease({ ...run.input, ...asked });
    });
    const { requestedBy, upTo } = asked;
    const skip = asked.migrate === 'skip';
    const plan = await run.step('check', () =>
      check({ ...run.input, release: next, skip, requestedBy, upTo }),
    );
    run.planned(plan);
    const { steps, procedure } = procedures[skip ? 'deploy-only' : plan.procedure];
    run.willDo(stepsOf(steps, plan, asked));
    await procedure(run, plan, { target, ...asked });
    await run.site.openInherited();
  });
}

type Asked = Omit<DeployRequest, 'target'>;
interface Procedure {
  steps: readonly StepName[];
  procedure: (run: Run, plan: PlanSummary, request: DeployRequest) => Promise<void>;
}

const procedures: Record<ProcedureName, Procedure> = {
  'deploy-only': { steps: deployOnlySteps, procedure: deployOnly },
  'low-risk': { steps: lowRiskSteps, procedure: lowRisk },
  'medium-risk': { steps: mediumRiskSteps, procedure: mediumRisk },
  'online-contract': { steps: mediumRiskSteps, procedure: mediumRisk },
  'high-risk': { steps: highRiskSteps, procedure: highRisk },
  'very-high-risk': { steps: highRiskSteps, procedure: highRisk },
};

/** The lines that this run is going to do: some are done only when the plan or the request calls for them. */
function stepsOf(
  steps: readonly StepName[],
  { gate, risk, keepsakes }: PlanSummary,
  asked: Asked,
): StepName[] {
  const calledFor: Partial<Record<StepName, boolean>> = {
    'back up': asked.backup === true || (risk !== 'low' && asked.migrate !== 'skip'),
    approve: asked.migrate === 'manual' || gate.approvals > 0,
    window: gate.hasWindow,
    deploy: !asked.withoutDeploy,
    health: !asked.withoutDeploy,
    keepsakes: keepsakes !== undefined,
    'rest of keepsakes': keepsakes !== undefined,
  };
  return steps.filter((step) => calledFor[step] ?? true);
}

const wordsOf = ({ migrate, backup, healthCheck, withoutDeploy, upTo }: Asked): string =>
  [
    upTo && `phase ${upTo}`,
    withoutDeploy ? 'migrate only' : `deploy, ${migrate ?? 'auto'} migrate`,
    backup && 'with a backup',
    healthCheck && 'with a health check',
  ]
    .filter(Boolean)
    .join(', ');
