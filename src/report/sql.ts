import type { Plan, PlannedRevision } from '../domain/plan.js';

/**
 * All SQL of a plan, in the order in which it would run; behind it the way back, the last change first. A rollback goes
 * that way alone.
 */
export const sqlText = (plan: Pick<Plan, 'revisions' | 'back'>): string =>
  [...(plan.back ? [] : [forwardSql(plan)]), backSql(plan)].filter(Boolean).join('\n');

/** The SQL that goes forward, alone. */
export const forwardSql = ({ revisions }: Pick<Plan, 'revisions'>): string =>
  revisions.map((each) => block(each, 'forward', each.upSql, each.upError)).join('\n');

/** The SQL that goes back, alone. */
export const backSql = ({ revisions }: Pick<Plan, 'revisions'>): string =>
  revisions
    .toReversed()
    .map((each) => block(each, 'back', each.downSql, each.downError))
    .join('\n');

function block(
  { revision, doc, file }: PlannedRevision,
  way: 'forward' | 'back',
  sql: string | null,
  error: string | undefined,
): string {
  const head = `-- ${way}: ${revision} ${doc.replace(/\s+/g, ' ').trim()} (${file})`;
  const reason = error?.trim().split('\n').at(-1) ?? 'Alembic gave no reason';
  return `${head}\n${sql === null ? `-- cannot be rendered: ${reason}` : sql.trim() || '-- nothing'}\n`;
}
