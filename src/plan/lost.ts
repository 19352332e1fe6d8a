import type { LostIndex, LostTable } from '../domain/lost.js';
import { count } from '../domain/units.js';

const grouped = (n: number): string => n.toLocaleString('en-US');
const rowsText = (n: number): string => `${grouped(n)} ${n === 1 ? 'row' : 'rows'}`;
const rowsOf = ({ inserted, changed, deleted }: LostTable): number => inserted + changed + deleted;

/** How much it is: what people approve. */
export interface Total {
  rows: number;
  tables: number;
  exact: boolean;
}

export function totalOf({ tables }: Pick<LostIndex, 'tables'>): Total {
  const some = tables.filter((table) => rowsOf(table) > 0);
  return {
    rows: some.reduce((sum, table) => sum + rowsOf(table), 0),
    tables: some.length,
    exact: tables.every(({ unsure }) => unsure === undefined),
  };
}

/** `1,000 rows in 3 tables`; with what is not known to the row. */
export const totalText = ({ rows, tables, exact }: Total): string =>
  `${exact ? '' : 'at least '}${rowsText(rows)} in ${count(tables, 'table')}`;

/** What would be lost, a line each, the sum first; empty when nothing would. */
export function lostLines(index: Pick<LostIndex, 'tables'>): string[] {
  const { tables } = index;
  const total = totalOf(index);
  const kinds = (['inserted', 'changed', 'deleted'] as const).flatMap((kind) => {
    const n = tables.reduce((sum, table) => sum + table[kind], 0);
    return n ? [`${grouped(n)} ${kind}`] : [];
  });
  const lines = tables.flatMap(tableLine);
  if (!lines.length) return [];
  return [`${totalText(total)}${kinds.length ? `: ${kinds.join(', ')} since` : ''}`, ...lines];
}

function tableLine(table: LostTable): string[] {
  const { name, where, rows, unsure } = table;
  if (where === 'only backup') return [`${name}: was dropped since, and would come back`];
  if (unsure && !rowsOf(table)) return [`${name}: NOT counted: ${unsure}`];
  if (!rowsOf(table)) return [];
  if (where === 'only live') return [`${name}: ${rowsText(rowsOf(table))}, and the table itself`];
  const parts = (['inserted', 'changed', 'deleted'] as const).flatMap((kind) =>
    table[kind] ? [`${grouped(table[kind])} ${kind}`] : [],
  );
  return [`${name}: ${parts.join(', ')} of ${rowsText(rows ?? 0)} now${unsure ? `; ${unsure}` : ''}`];
}
