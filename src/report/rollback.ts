import type { Plan } from '../domain/plan.js';
import { sqlLine, wrapped } from './sql-line.js';
import { backSql } from './sql.js';

const WIDTH = 100;
/** More than these nobody reads in a terminal. */
const SQL_LINES = 300;
const SQL_COLUMNS = 1_000;

/** What goes back, a line each, in its order. */
export const rollbackText = (lines: readonly string[]): string =>
  ['In this order:', ...lines.map((line, at) => `  ${at + 1}. ${wrapped(line, WIDTH - 5, '     ')}`)].join(
    '\n',
  );

/** All that a person decides about a rollback: its lines, and the SQL of its downgrades. */
export function rollbackPlanText(plan: Plan): string {
  const lines = backSql(plan).trimEnd().split('\n');
  const more = lines.length - SQL_LINES;
  return [
    `${plan.target}  rollback to ${plan.running}   risk ${plan.risk}   plan ${plan.planHash.slice(0, 12)}`,
    '',
    rollbackText(plan.rollback),
    '',
    'The SQL, without what puts keepsakes back:',
    ...lines.slice(0, SQL_LINES).map((line) => `  ${sqlLine(line, SQL_COLUMNS)}`.trimEnd()),
    ...(more > 0 ? [`  and ${more} more lines`] : []),
  ].join('\n');
}
