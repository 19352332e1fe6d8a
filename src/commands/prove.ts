import { proofLevels, type ProofLevel } from '../domain/backup.js';
import { wrongUse } from '../domain/problems/use.js';
import type { ProveRequest } from '../domain/requests.js';
import type { GlobalOptions, Io } from './io.js';
import { startRun } from './start.js';

export interface ProveOptions extends GlobalOptions {
  backup?: string;
  level?: string;
  detach?: boolean;
}

/** Tries a backup: hashes it, reads it, restores it beside and compares it, asks the application's checks. */
export function proveCommand(
  kind: 'prove' | 'drill',
  target: string | undefined,
  { backup, level, ...options }: ProveOptions,
  io: Io,
): Promise<number> {
  const far = proofLevels.find((each) => each === level);
  if (level !== undefined && !far) throw wrongUse(`--level takes ${proofLevels.join(', ')}`, 'backup prove');
  const request: { backup?: string; level?: ProofLevel } = {
    ...(backup ? { backup } : {}),
    ...(far ? { level: far } : {}),
  };
  return startRun<ProveRequest>(target, options, io, {
    workflow: kind,
    request,
    summary: (name) =>
      `${kind === 'drill' ? 'drill: restore and prove' : 'prove'} ${backup ?? 'the newest backup'} of ${name}`,
    detach: options.detach,
  });
}
