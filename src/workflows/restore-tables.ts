import type { RestoreRequest, RunResult } from '../domain/requests.js';
import { approval, asking } from './approve.js';
import type { Run } from './run.js';
import { applyTables, checkRestore, proveBackup } from './steps.js';

/** The lines of this procedure, in order; the test holds this file against them. */
export const restoreTablesSteps = ['check', 'prove the backup', 'approve', 'put rows back'] as const;

/**
 * Puts some tables back: restored beside, told apart from the live ones row by row, and written into these once
 * people have approved it, in one transaction. It is the last step, so that there is nothing to undo; what it takes
 * away is in files that can be applied again.
 */
export const restoreTables = (
  run: Run,
  who: RestoreRequest,
  tables: readonly string[],
): Promise<RunResult> => {
  run.willDo(restoreTablesSteps);
  return run.toEnd(async () => {
    const checked = await run.step('check', async () => {
      await run.site.lookBack();
      return checkRestore({ ...run.input, backup: who.backup ?? 'latest', untilClosed: false, only: tables });
    });
    run.planned(checked);
    const plan = await run.step('prove the backup', () => proveBackup(run.for(checked)));
    run.planned(plan);
    await run.step('approve', () => approval(run, plan, asking(who)));
    await run.step('put rows back', () => applyTables(run.for(plan)));
  });
};
