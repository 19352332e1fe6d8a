import type { PlanSummary } from '../domain/plan.js';
import { rollbackWouldLose } from '../domain/problems/rollback.js';
import type { StepName } from '../domain/record.js';
import { fixKeys, type RunResult } from '../domain/requests.js';
import type { FixRequest, FixSummary } from '../domain/emergency.js';
import { failWith } from './failures.js';
import { migrate } from './migrate.js';
import { releaseBack, schemaBack } from './put-back.js';
import { wellFormed } from './requests.js';
import { Run } from './run.js';
import { checkFix, health, openSite, startRelease, takeOver, verify } from './steps.js';

/** The lines of this procedure, in order; the test holds this file against them. */
export const fixSteps = [
  'check',
  'put the release back',
  'put the schema back',
  'migrate',
  'verify',
  'deploy',
  'health',
  'maintenance off',
] as const;

/**
 * Settles a run that came to no end, after a person has repaired what it left: looks where the database stands, and
 * goes from there to what was before, or on to what was meant. Nothing is undone when a line fails: the site stays as
 * it is, and this is started again.
 */
export async function fix(request?: FixRequest): Promise<RunResult> {
  const { target, way = 'put-back', requestedBy } = wellFormed(request, fixKeys);
  const run = new Run('fix', target, requestedBy, `settle what a run has left: ${way}`);
  run.willDo(['check']);
  return run.toEnd(async () => {
    const seen = await run.step('check', () => checkFix({ ...run.input, way }));
    if (seen.siteClosed) run.note({ kind: 'site', is: 'closed', note: 'as it was found' });
    run.planned(seen.plan);
    run.willDo(stepsOf(seen, way));
    await (way === 'put-back' ? putBack(run, seen) : goOn(run, seen));
    if (!seen.siteClosed) return;
    await run.step('maintenance off', async () => {
      await takeOver(run.closer);
      return openSite(run.closer);
    });
  });
}

async function putBack(run: Run, { plan, found }: FixSummary): Promise<void> {
  await run.step('put the release back', () => releaseBack(run.for(plan)));
  if (found !== 'old') await run.step('put the schema back', () => wholeBack(run, plan));
  const unmeasured = { marks: { measured: [], note: '' } };
  await run.step('verify', () => verify({ ...run.for(plan), direction: 'back', ...unmeasured }));
}

async function goOn(run: Run, { plan, found }: FixSummary): Promise<void> {
  if (found !== 'new') await run.step('migrate', () => migrate(run, plan));
  const unmeasured = { marks: { measured: [], note: '' }, unmeasured: true };
  await run.step('verify', () => verify({ ...run.for(plan), ...unmeasured }));
  await run.step('deploy', () => startRelease(run.for(plan)));
  await run.step('health', () => health(run.for(plan)));
}

/** What was written since is not thrown away: a person looks again. */
async function wholeBack(run: Run, plan: PlanSummary) {
  const { left, ...rest } = await schemaBack(run, plan);
  if (left) throw failWith(rollbackWouldLose(run.target, [left]));
  return rest;
}

/** The lines that this run is going to do. */
function stepsOf({ found, siteClosed }: FixSummary, way: NonNullable<FixRequest['way']>): StepName[] {
  const back: Partial<Record<StepName, boolean>> = {
    ...{ migrate: false, deploy: false, health: false },
    'put the schema back': found !== 'old',
  };
  const on = { 'put the release back': false, 'put the schema back': false, migrate: found !== 'new' };
  const calledFor: Partial<Record<StepName, boolean>> = way === 'put-back' ? back : on;
  return fixSteps.filter((step) => (step === 'maintenance off' ? siteClosed : (calledFor[step] ?? true)));
}
