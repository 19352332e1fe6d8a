import { targetKeys, type BackupRequest, type RunResult } from '../domain/requests.js';
import { wellFormed } from './requests.js';
import { Run } from './run.js';
import { backUp } from './steps.js';

/** The lines of this procedure; the test holds this file against them. */
export const backUpSteps = ['back up'] as const;

/** Takes a backup and nothing else. Runs under the target's own id: its locks would stall a migration. */
export async function backup(request?: BackupRequest): Promise<RunResult> {
  const { target, requestedBy } = wellFormed(request, targetKeys);
  const run = new Run('backup', target, requestedBy, 'a backup');
  run.willDo(backUpSteps);
  return run.toEnd(async () => {
    await run.step('back up', () => backUp(run.input));
  });
}
