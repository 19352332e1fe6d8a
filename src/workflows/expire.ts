import { targetKeys, type BackupRequest, type RunResult } from '../domain/requests.js';
import { wellFormed } from './requests.js';
import { Run } from './run.js';
import { letBackupsGo } from './steps.js';

/** Deletes the backups that `backup.keep` lets go. Under the target's own id: no run may need one of them meanwhile. */
export async function expire(request?: BackupRequest): Promise<RunResult> {
  const { target, requestedBy } = wellFormed(request, targetKeys);
  const run = new Run('expire', target, requestedBy, 'delete the backups that backup.keep lets go');
  run.willDo(['let backups go']);
  return run.toEnd(async () => {
    await run.step('let backups go', () => letBackupsGo(run.input));
  });
}
