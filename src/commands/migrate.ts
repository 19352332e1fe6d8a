import type { DeployRequest } from '../domain/requests.js';
import type { GlobalOptions, Io } from './io.js';
import { releaseOption } from './release-option.js';
import { startRun } from './start.js';

/**
 * The runbook's `docker-compose --profile migration up migration`, by the procedure that the risk calls for: the
 * database is migrated and verified, and the release that runs stays. Exit code 0 only when that is so.
 */
export const migrateCommand = (
  target: string | undefined,
  options: GlobalOptions & { release?: string; backup?: boolean; detach?: boolean },
  io: Io,
): Promise<number> =>
  startRun<DeployRequest>(target, options, io, {
    workflow: 'deploy',
    request: {
      migrate: 'auto',
      withoutDeploy: true,
      ...releaseOption(options),
      ...(options.backup ? { backup: true } : {}),
    },
    summary: (name) => `migrate ${name}, without a deploy`,
    detach: options.detach,
  });
