import type { ProofLevel } from '../domain/backup.js';
import type { StepName } from '../domain/record.js';
import { proveKeys, type ProveRequest, type RunResult } from '../domain/requests.js';
import { wellFormed } from './requests.js';
import { Run } from './run.js';
import { hashBackup, proveOnCopy, readBackup } from './steps.js';

/** The lines of these procedures, by how far the proof goes; a restore reads to the end by itself. */
export const proofSteps = {
  L1: ['hash the files'],
  L2: ['hash the files', 'read to the end'],
  L3: ['hash the files', 'restore and compare'],
  L4: ['hash the files', 'restore and compare'],
} as const satisfies Record<ProofLevel, readonly StepName[]>;

/** Tries a backup, as far as the request says, and writes down beside it what came of that. */
export const prove = (request?: ProveRequest): Promise<RunResult> => tryBackup('prove', request, 'L3');

/** The emergency, practised: the newest backup restored, compared, the application's checks asked, the time taken. */
export const drill = (request?: ProveRequest): Promise<RunResult> => tryBackup('drill', request, 'L4');

async function tryBackup(
  kind: 'prove' | 'drill',
  request: ProveRequest | undefined,
  usual: ProofLevel,
): Promise<RunResult> {
  const { target, backup: wanted = 'latest', level = usual, ...who } = wellFormed(request, proveKeys);
  const run = new Run(kind, target, who.requestedBy, `${kind}, backup ${wanted}, up to ${level}`);
  run.willDo(proofSteps[level]);
  return run.toEnd(async () => {
    const { note: _, ...backup } = await run.step('hash the files', () =>
      hashBackup({ ...run.input, backup: wanted }),
    );
    if (level === 'L2') await run.step('read to the end', () => readBackup({ ...run.input, backup }));
    if (level === 'L3' || level === 'L4')
      await run.step('restore and compare', () => proveOnCopy({ ...run.input, backup, level }));
  });
}
