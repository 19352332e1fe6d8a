import type { BackfillDefinition } from '../../domain/backfill/definition.js';
import type { Client } from '../postgres/client.js';
import type { KeyedTable } from './table.js';

/**
 * The statements of one backfill. Keys are handed over as text, `$1 …` the one after which it goes on and then the one
 * at which it ends.
 */
export interface BackfillSql {
  /** Columns of the key. */
  width: number;
  last: string;
  /** The key so many rows on. */
  boundary(after: boolean, rows: number): string;
  rowsIn(after: boolean): string;
  update(after: boolean): string;
  /** The one row with the key. */
  updateOne: string;
  compare(after: boolean): string;
}

/** @param parked - of the rows of this backfill that are parked: a query of one column, their keys as text[] */
export function backfillSql(
  client: Pick<Client, 'escapeIdentifier'>,
  { from, key }: Pick<KeyedTable, 'from' | 'key'>,
  { set, where, verify }: Pick<BackfillDefinition, 'set' | 'where' | 'verify'>,
  parked: string,
): BackfillSql {
  const quoted = key.map(({ name }) => client.escapeIdentifier(name));
  const row = tuple(quoted);
  const texts = quoted.map((name, at) => `${name}::text AS k${at}`).join(', ');
  const values = (begin: number) => key.map(({ type }, at) => `$${begin + at}::${type}`);
  const range = (after: boolean) => rangeOf(quoted, values, after);
  const sets = Object.entries(set)
    .map(([column, expression]) => `${client.escapeIdentifier(column)} = ${own(expression)}`)
    .join(', ');
  const some = where === null ? '' : ` AND ${own(where)}`;
  const isParked = `ARRAY[${quoted.map((name) => `${name}::text`).join(', ')}] IN (${parked})`;
  const counted = (expression: string | null, is: string) =>
    expression === null
      ? '0::float8'
      : `count(*) FILTER (WHERE ${own(expression)} ${is} AND NOT ${isParked})::float8`;
  return {
    width: key.length,
    last: `SELECT ${texts} FROM ${from} ORDER BY ${quoted.map((name) => `${name} DESC`).join(', ')} LIMIT 1`,
    boundary: (after, rows) =>
      `SELECT ${texts} FROM ${from} WHERE ${range(after)} ORDER BY ${quoted.join(', ')} OFFSET ${rows - 1} LIMIT 1`,
    rowsIn: (after) => `SELECT count(*)::float8 AS n FROM ${from} WHERE ${range(after)}`,
    update: (after) => `UPDATE ${from} SET ${sets} WHERE ${range(after)}${some}`,
    updateOne: `UPDATE ${from} SET ${sets} WHERE ${row} = ${tuple(values(1))}${some}`,
    compare: (after) =>
      `SELECT count(*)::float8 AS n, ${counted(where, 'IS TRUE')} AS left, ${counted(verify, 'IS NOT TRUE')} AS differ
       FROM ${from} WHERE ${range(after)}`,
  };
}

/** The line break ends a comment that an expression may end in; ours tells the statement from the application's. */
const own = (expression: string): string => `(${expression}\n/* lockkeeper */)`;

const tuple = (parts: readonly string[]): string =>
  parts.length === 1 ? parts[0]! : `(${parts.join(', ')})`;

/**
 * Of keys of several columns the planner guesses that a third of all rows are beyond one; of the first column alone it
 * knows, and so does not read the whole table for each batch.
 */
function rangeOf(quoted: readonly string[], values: (begin: number) => string[], after: boolean): string {
  const row = tuple(quoted);
  const [low, high] = after ? [values(1), values(1 + quoted.length)] : [[], values(1)];
  const bounds = [...(after ? [`${row} > ${tuple(low)}`] : []), `${row} <= ${tuple(high)}`];
  if (quoted.length > 1)
    bounds.push(...(after ? [`${quoted[0]} >= ${low[0]}`] : []), `${quoted[0]} <= ${high[0]}`);
  return bounds.join(' AND ');
}

/** The key in a row of `boundary` or `last`. */
export const keyIn = (row: Readonly<Record<string, unknown>>, width: number): string[] =>
  Array.from({ length: width }, (_, at) => String(row[`k${at}`]));
