import type { Part } from './draft.js';
import { keyOf, type TableFacts } from './facts.js';

/** Rows of a batch: a few hundredths of a second. */
const ROWS = 1_000;

/** All rows of a table that are to be written once more, on the way back. */
export interface Written {
  table: string;
  /** What its rows are called in `set` and `where`. */
  as?: string;
  /** Unique columns to walk by; where there are none, all rows are written at once. */
  key: readonly string[];
  set: string;
  where: string;
}

/**
 * In batches, each a transaction of its own: whoever changes a row waits for one batch at most, and no batch waits for
 * anybody, so that it cannot deadlock. For a revision outside of a transaction
 * (https://www.postgresql.org/docs/current/plpgsql-transactions.html). The last statement takes what is left: the first
 * and last rows, those that others had at the time, and those whose key has changed meanwhile.
 */
export function written({ table, as, key, set, where }: Written): Part[] {
  const rows = as ? `${table} AS ${as}` : table;
  const rest = { why: 'what is left', sql: `UPDATE ${rows} SET ${set} WHERE ${where}` };
  if (key.length === 0) return [{ ...rest, why: 'all rows at once: there is no key to walk by' }];
  const [keys, one] = [key.join(', '), tuple(key)];
  const ends = (name: string) => key.map((_, at) => `${name}${at}`);
  const of = (name: string) => tuple(ends(name).map((each) => `batch.${each}`));
  const sql = `DO $$
#variable_conflict use_column
DECLARE
    batch record;
BEGIN
    FOR batch IN
        SELECT ${[...key.map((name, at) => `${name} AS after${at}`), ...key.map((name, at) => `lead(${name}) OVER (ORDER BY ${keys}) AS upto${at}`)].join(', ')}
        FROM (SELECT ${keys}, row_number() OVER (ORDER BY ${keys}) AS nth_row FROM ${table}) AS numbered
        WHERE mod(nth_row, ${ROWS}) = 1 ORDER BY ${keys}
    LOOP
        UPDATE ${rows} SET ${set} WHERE ${one} IN (
            SELECT ${keys} FROM ${rows}
            WHERE ${one} > ${of('after')} AND ${one} <= ${of('upto')} AND (${where})
            FOR NO KEY UPDATE SKIP LOCKED);
        COMMIT;
    END LOOP;
END $$`;
  return [{ why: `in batches of ${ROWS}, each a transaction: nobody waits for all of them`, sql }, rest];
}

const tuple = (names: readonly string[]): string =>
  names.length === 1 ? names[0]! : `(${names.join(', ')})`;

/**
 * The columns of a table's primary key as they are called when some of its columns have others in their place.
 *
 * @param instead - the only column that a column is copied to as it is; undefined where it has none
 * @returns none where a column of the key has gone into others
 */
export function keyNow(
  table: TableFacts,
  instead: (column: string) => string | undefined,
): readonly string[] {
  const key = keyOf(table).map(instead);
  return key.every((name) => name !== undefined) ? key : [];
}
