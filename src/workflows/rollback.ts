import { rollbackWouldLose } from '../domain/problems/run.js';
import type { StepName } from '../domain/record.js';
import { targetKeys, type RollbackRequest, type RunResult } from '../domain/requests.js';
import type { Undone } from '../domain/steps.js';
import { failWith } from './failures.js';
import { wellFormed } from './requests.js';
import { releaseBack, schemaBack, schemaForward } from './put-back.js';
import { Run } from './run.js';
import { backUp, checkRollback, health, putKeepsakesBack, startRelease, verify } from './steps.js';

export const rollbackSteps = [
  'check',
  'back up',
  'maintenance on',
  'put the release back',
  'put the schema back',
  'put keepsakes back',
  'verify',
  'maintenance off',
] as const;

/** What only a rollback does that closes the site. */
const onlyClosed: readonly StepName[] = ['back up', 'maintenance on', 'maintenance off'];

/**
 * Puts back the release that ran before the last deploy, and then the schema that it had: in this order,
 * because the release before knows nothing of what was added, while the new one needs it.
 *
 * A rollback that would lose what was written since is refused before anything is changed.
 */
export async function rollback(request?: RollbackRequest): Promise<RunResult> {
  const { target, requestedBy } = wellFormed(request, targetKeys);
  const run = new Run('rollback', target, requestedBy, 'rollback of the last deploy');
  run.willDo(['check']);

  return run.toEnd(async () => {
    const plan = await run.step('check', async () => {
      await run.site.lookBack();
      return checkRollback(run.input);
    });
    run.planned(plan);
    const kept = plan.keepsakes !== undefined;
    const closes = plan.risk === 'high' || kept; // going back takes the same locks
    const done = rollbackSteps.filter((step) => closes || !onlyClosed.includes(step));
    run.willDo(done.filter((step) => kept || step !== 'put keepsakes back'));

    if (closes) {
      await run.step('back up', () => backUp(run.for(plan)));
      run.undo('maintenance off', run.site.open);
      await run.step('maintenance on', () => run.site.close('a rollback'));
    }

    run.undo('deploy again', () => deployAgain());
    await run.step('put the release back', () => releaseBack(run.for(plan)));

    run.undo('migrate again', () => schemaForward(run, plan));
    await run.step('put the schema back', () => whole(target, schemaBack(run, plan)));
    if (kept) await run.step('put keepsakes back', () => putKeepsakesBack(run.for(plan)));
    await run.step('verify', () =>
      verify({ ...run.for(plan), direction: 'back', marks: { measured: [], note: '' } }),
    );

    if (closes) {
      run.commit();
      await run.step('maintenance off', run.site.open);
    }
    await run.site.openInherited();

    async function deployAgain(): Promise<Undone> {
      const came = await startRelease(run.for(plan));
      await health(run.for(plan));
      return came;
    }
  });
}

/** Written into since the check: then going back would lose it, and the rollback turns around. */
async function whole(target: string, undone: Promise<Undone>): Promise<Undone> {
  const { left, ...rest } = await undone;
  if (left) throw failWith(rollbackWouldLose(target, [left]));
  return rest;
}
