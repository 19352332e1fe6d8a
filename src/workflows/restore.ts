import { restoreKeys, type RestoreRequest, type RunResult } from '../domain/requests.js';
import type { RestoreSummary } from '../domain/restore.js';
import { approval, asking } from './approve.js';
import { releaseBack } from './put-back.js';
import { wellFormed } from './requests.js';
import { restorePoint } from './restore-point.js';
import { restoreTables } from './restore-tables.js';
import { Run } from './run.js';
import {
  backUp,
  checkRestore,
  health,
  proveBackup,
  startRelease,
  swapBack,
  swapIn,
  verifyRestored,
} from './steps.js';

/** The lines of this procedure, in order; the test holds this file against them. */
export const restoreSteps = [
  'check',
  'prove the backup',
  'approve',
  'maintenance on',
  'back up again',
  'swap',
  'verify',
  'deploy',
  'health',
  'maintenance off',
] as const;

/**
 * Puts the database back to a backup: restored into a new database beside, compared, approved by people with what
 * it loses, and swapped in. The database of before is kept, and backed up besides. With a closure the site is
 * closed meanwhile; the release goes back with the database where it is known. A plain file takes the place of a
 * backup, and so does the database that an earlier restore has put aside.
 */
export async function restore(request?: RestoreRequest): Promise<RunResult> {
  const { untilClosed = false, beside, tables, ...who } = wellFormed(request, restoreKeys);
  const run = new Run('restore', who.target, who.requestedBy, wordsOf(who));
  if (beside) return restorePoint(run, who);
  if (tables) return restoreTables(run, who, tables);
  run.willDo(restoreSteps);

  return run.toEnd(async () => {
    const checked = await run.step('check', async () => {
      await run.site.lookBack();
      return checkRestore({ ...run.input, ...sourceOf(who), untilClosed });
    });
    run.planned(checked);
    run.willDo(stepsOf(checked));
    const plan = await run.step('prove the backup', () => proveBackup(run.for(checked)));
    run.planned(plan);
    await run.step('approve', () => approval(run, plan, asking(who)));

    if (plan.closes) {
      run.undo('maintenance off', run.site.open);
      await run.step('maintenance on', () => run.site.close('a restore'));
    }
    await run.step('back up again', () => backUp({ ...run.for(plan), again: true }));

    run.undo('put the database back', () => swapBack(run.for(plan)));
    await run.step('swap', () => swapIn(run.for(plan)));
    await run.step('verify', () => verifyRestored(run.for(plan)));

    if (plan.deploys) {
      run.undo('put the release back', () => releaseBack(run.for(plan)));
      await run.step('deploy', () => startRelease(run.for(plan)));
    }
    await run.step('health', () => health(run.for(plan)));

    run.commit();
    if (plan.closes) await run.step('maintenance off', run.site.open);
  });
}

/** The lines that this run is going to do. */
const stepsOf = ({ closes, deploys }: RestoreSummary) =>
  restoreSteps.filter((step) => (step.startsWith('maintenance') ? closes : step !== 'deploy' || deploys));

const wordsOf = ({ backup, file, undo }: RestoreRequest): string =>
  undo
    ? 'undo the last restore'
    : `restore ${file === undefined ? `the backup ${backup}` : `the file ${file}`}`;

const sourceOf = ({ backup, file, undo }: RestoreRequest) => ({
  ...(backup === undefined ? {} : { backup }),
  ...(file === undefined ? {} : { file }),
  ...(undo ? { undo } : {}),
});
