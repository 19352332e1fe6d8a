import type { PlanSummary } from '../domain/plan.js';
import type { DeployRequest } from '../domain/requests.js';
import { approval } from './approve.js';
import { deployOnly } from './deploy-only.js';
import { migrate } from './migrate.js';
import { databaseBack, releaseBack } from './put-back.js';
import type { Run } from './run.js';
import {
  backUp,
  compare,
  health,
  keepTheRest,
  keepWhatGoes,
  letKeepsakesGo,
  rehearse,
  startRelease,
  verify,
  writersQuiet,
} from './steps.js';
import { window } from './window.js';

/** The lines of this procedure, in order; the test holds this file against them. */
export const highRiskSteps = [
  'fetch release',
  'check',
  'back up',
  'rehearse',
  'approve',
  'window',
  'keepsakes',
  'compare',
  'maintenance on',
  'back up again',
  'rest of keepsakes',
  'migrate',
  'verify',
  'deploy',
  'health',
  'maintenance off',
] as const;

/**
 * The procedure for high and very high risk: with the site closed. The slow parts and the people come before
 * that. Nobody writes from the second backup to the end, so restoring it loses nothing; it is the last resort
 * where the downgrade would lose something or does not come to the same schema.
 */
export async function highRisk(run: Run, checked: PlanSummary, request: DeployRequest): Promise<void> {
  const first = await run.step('back up', () => backUp(run.for(checked)));
  const plan = await run.step('rehearse', () => rehearse({ ...run.for(checked), backup: first }));
  run.planned(plan);
  const decided = await run.step('approve', () => approval(run, plan, request));
  if (plan.gate.hasWindow) await run.step('window', () => window(run, plan));
  if (!decided.migrate) return deployOnly(run, plan, { ...request, backup: false });

  if (plan.keepsakes) {
    run.undo('let keepsakes go', () => letKeepsakesGo(run.for(plan)));
    await run.step('keepsakes', () => keepWhatGoes({ ...run.for(plan), owner: run.requestedBy }));
  }
  const marks = await run.step('compare', () => compare(run.for(plan)));

  run.undo('maintenance off', run.site.open);
  const closed = await run.step('maintenance on', () => run.site.close('a migration'));
  const backup = await run.step('back up again', async () => {
    const taken = await backUp({ ...run.for(plan), again: true });
    await writersQuiet({ ...run.input, counters: closed.counters });
    return taken;
  });

  if (plan.keepsakes) await run.step('rest of keepsakes', () => keepTheRest(run.for(plan)));

  run.undo('put the database back', () => databaseBack(run, plan, backup));
  await run.step('migrate', () => migrate(run, plan));
  await run.step('verify', () => verify({ ...run.for(plan), marks }));

  if (!request.withoutDeploy) {
    run.undo('put the release back', () => releaseBack(run.for(plan)));
    await run.step('deploy', () => startRelease(run.for(plan)));
    await run.step('health', () => health(run.for(plan)));
  }

  run.commit();
  await run.step('maintenance off', run.site.open);
}
