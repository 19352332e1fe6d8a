import type { BackfillDefinition } from '../../domain/backfill/definition.js';
import type { Client } from '../postgres/client.js';
import type { KeyedTable } from './table.js';

/**
 * The statements of one backfill. Keys are handed over as text, a parameter for each column; an argument that is a number
 * says which is the first of them.
 */
export interface BackfillSql {
  /** Columns of the key. */
  width: number;
  last: string;
  /** The key so many rows on. @param after - null: from the first row on */
  boundary(after: number | null, until: number, rows: number): string;
  rowsIn(after: number | null, until: number): string;
  /** Gives one row: `changed`, `left` and `differ`. @param only - a condition: otherwise nothing is done */
  update(after: number | null, until: number, only: string): string;
  compare(after: number | null, until: number, only: string): string;
  /** The one row with the key. */
  updateOne: string;
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
  const values = (first: number) => key.map(({ type }, at) => `$${first + at}::${type}`);
  const range = (after: number | null, until: number) => rangeOfKeys(quoted, values, after, until);
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
    boundary: (after, until, rows) =>
      `SELECT ${texts} FROM ${from} WHERE ${range(after, until)} ORDER BY ${quoted.join(', ')} OFFSET ${rows - 1} LIMIT 1`,
    rowsIn: (after, until) => `SELECT count(*)::float8 AS n FROM ${from} WHERE ${range(after, until)}`,
    update: (after, until, only) =>
      `did AS (UPDATE ${from} SET ${sets} WHERE ${range(after, until)}${some} AND ${only} RETURNING NULL),
       counted AS (SELECT count(*)::float8 AS changed, 0::float8 AS "left", 0::float8 AS differ FROM did)`,
    compare: (after, until, only) =>
      `counted AS (SELECT 0::float8 AS changed, ${counted(where, 'IS TRUE')} AS "left",
         ${counted(verify, 'IS NOT TRUE')} AS differ
       FROM ${from} WHERE ${range(after, until)} AND ${only})`,
    updateOne: `UPDATE ${from} SET ${sets} WHERE ${row} = ${tuple(values(1))}${some}`,
  };
}

/** The line break ends a comment that an expression may end in; ours tells the statement from the application's. */
export const own = (expression: string): string => `(${expression}\n/* lockkeeper */)`;

export const tuple = (parts: readonly string[]): string =>
  parts.length === 1 ? parts[0]! : `(${parts.join(', ')})`;

/**
 * Of keys of several columns the planner guesses that a third of all rows are beyond one; of the first column alone it
 * knows, and so does not read the whole table for each batch.
 */
export function rangeOfKeys(
  quoted: readonly string[],
  values: (first: number) => string[],
  after: number | null,
  until: number,
): string {
  const row = tuple(quoted);
  const [low, high] = [after === null ? null : values(after), values(until)];
  const bounds = [...(low ? [`${row} > ${tuple(low)}`] : []), `${row} <= ${tuple(high)}`];
  if (quoted.length > 1)
    bounds.push(...(low ? [`${quoted[0]} >= ${low[0]}`] : []), `${quoted[0]} <= ${high[0]}`);
  return bounds.join(' AND ');
}

/** The key in a row of `boundary` or `last`. */
export const keyIn = (row: Readonly<Record<string, unknown>>, width: number): string[] =>
  Array.from({ length: width }, (_, at) => String(row[`k${at}`]));
