import { badReleaseName } from '../domain/problems/commands.js';
import { wrongUse } from '../domain/problems/use.js';
import { isReleaseName } from '../domain/release-name.js';
import type { RollbackRequest } from '../domain/requests.js';
import type { GlobalOptions, Io } from './io.js';
import { startRun } from './start.js';

export interface RollbackOptions extends GlobalOptions {
  to?: string;
  appOnly?: boolean;
  schemaOnly?: boolean;
  detach?: boolean;
}

/** Puts back the release before the last deploy, or an earlier one, and then the schema that it had. */
export function rollbackCommand(
  target: string | undefined,
  { to, appOnly, schemaOnly, ...options }: RollbackOptions,
  io: Io,
): Promise<number> {
  if (appOnly && schemaOnly) throw wrongUse('either --app-only or --schema-only', 'rollback');
  if (to !== undefined && !isReleaseName(to)) throw badReleaseName(to, '--to');
  const part = appOnly ? ': the release alone' : schemaOnly ? ': the schema alone' : '';
  return startRun<RollbackRequest>(target, options, io, {
    workflow: 'rollback',
    request: {
      ...(to === undefined ? {} : { to }),
      ...(appOnly ? { only: 'app' as const } : schemaOnly ? { only: 'schema' as const } : {}),
    },
    summary: (name) => `roll ${name} back to ${to ?? 'the release before'}${part}`,
    detach: options.detach,
  });
}
