import type { RollbackRequest } from '../domain/requests.js';
import type { GlobalOptions, Io } from './io.js';
import { startRun } from './start.js';

/** Puts back the release before the last deploy, and then its schema. */
export const rollbackCommand = (
  target: string | undefined,
  options: GlobalOptions & { detach?: boolean },
  io: Io,
): Promise<number> =>
  startRun<RollbackRequest>(target, options, io, {
    workflow: 'rollback',
    request: {},
    summary: (name) => `roll ${name} back to the release before`,
    detach: options.detach,
  });
