import type { RestoreRequest, RunResult } from '../domain/requests.js';
import type { Run } from './run.js';
import { makePoint } from './steps.js';

/** The lines of this procedure; the test holds this file against them. */
export const restorePointSteps = ['prove the backup'] as const;

/** Restores a backup into a database beside, for people to look into. Nothing else is changed: nobody is asked. */
export const restorePoint = (run: Run, { backup = 'latest' }: RestoreRequest): Promise<RunResult> => {
  run.willDo(restorePointSteps);
  return run.toEnd(async () => {
    await run.step('prove the backup', () => makePoint({ ...run.input, backup }));
  });
};
