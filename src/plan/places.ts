import type { SqlLine } from '../domain/plan.js';
import type { Source } from '../rules/check.js';
import type { PendingRevision } from './facts.js';

/** Where a statement of a revision's SQL stands in its file, as far as Alembic was watched while it rendered. */
export function placesOf({ lines: all, partly }: PendingRevision): Pick<Source, 'lineAt' | 'isRunners'> {
  const lines = partly?.lines ?? all;
  if (!lines?.length) return {};
  const before = (offset: number) => lines.findLast((one) => one.offset <= offset);
  return {
    lineAt: (offset) => before(offset)?.line,
    isRunners: (offset) => isRunners(before(offset)),
  };
}

const isRunners = (at: SqlLine | undefined): boolean => at?.runners ?? false;
