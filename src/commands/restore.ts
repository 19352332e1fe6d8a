import type { RestoreRequest } from '../domain/requests.js';
import { homeAt } from '../local.js';
import { listBackups } from './backup-list.js';
import type { GlobalOptions, Io } from './io.js';
import { startRun } from './start.js';

export interface RestoreCommandOptions extends GlobalOptions {
  backup?: string;
  untilClosed?: boolean;
  detach?: boolean;
}

/** Puts the database back from a backup; without one that is named it shows which there are. */
export async function restoreCommand(
  target: string | undefined,
  options: RestoreCommandOptions,
  io: Io,
): Promise<number> {
  const { backup, untilClosed, detach } = options;
  if (backup === undefined) {
    const code = await listBackups(target, options, io);
    const { name } = homeAt(options.config).target(target);
    if (!io.json)
      io.out(`\nPut the database back to one of them: lockkeeper restore ${name} --backup <id|latest>`);
    return code;
  }
  return startRun<RestoreRequest>(target, options, io, {
    workflow: 'restore',
    request: { backup, ...(untilClosed ? { untilClosed } : {}) },
    summary: (name) => `restore ${name} from the backup ${backup}`,
    detach,
  });
}
