import type { BackupRequest } from '../domain/requests.js';
import { listBackups } from './backup-list.js';
import type { GlobalOptions, Io } from './io.js';
import { startRun } from './start.js';

/** Takes a backup of the target's database, and nothing else. */
export const backupCommand = (
  target: string | undefined,
  options: GlobalOptions & { detach?: boolean; list?: boolean },
  io: Io,
): Promise<number> =>
  options.list
    ? listBackups(target, options, io)
    : startRun<BackupRequest>(target, options, io, {
        workflow: 'backup',
        request: {},
        summary: (name) => `back up ${name}`,
        detach: options.detach,
      });
