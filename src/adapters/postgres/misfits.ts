import type { Retyped } from '../../domain/retyped.js';
import type { Client } from './client.js';
import { rowKey } from './row-key.js';
import { LIMIT, resolve } from './written.js';

/** Rows whose value another type would refuse, round or cut. */
export interface Misfits {
  rows: number;
  /** Whether there are more: counting ended at the limit. */
  more: boolean;
  /** Of a few of them the primary key as text; where there is none, their place. */
  keys: string[];
}

const SHOWN = 5;

/**
 * Counts the values of a column that do not survive a change of its type. Asks nothing that may fail for a value, and
 * takes no lock but that of a reader; reads the whole table where all of them fit.
 *
 * @returns null where the pair of types cannot be judged by a query, or the column is not there
 */
export async function misfitsIn(
  client: Client,
  { table, column, to }: Retyped,
  limit = LIMIT,
): Promise<Misfits | null> {
  const name = await resolve(client, table);
  const found = await client.query<{ name: string; type: string }>(
    `SELECT quote_ident(attname) AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped`,
    [table, column],
  );
  const [from] = found.rows;
  const unfit = from && unfitFor(`t.${from.name}`, from.type, to);
  if (!name || !unfit) return null;
  if (unfit === 'false') return { rows: 0, more: false, keys: [] };
  const key = await rowKey(client, name);
  const { rows } = await client.query<{ key: string; n: number }>(
    `SELECT key, count(*) OVER ()::float8 AS n
     FROM (SELECT ${key} AS key FROM ${name} AS t WHERE ${unfit} LIMIT ${limit + 1}) AS found
     ORDER BY length(key), key LIMIT ${SHOWN}`,
  );
  const n = rows[0]?.n ?? 0;
  return { rows: Math.min(n, limit), more: n > limit, keys: rows.map((row) => row.key) };
}

const WHOLE: readonly string[] = ['smallint', 'integer', 'bigint'];
const TEXTS: readonly string[] = ['text', 'character varying', 'character'];
const bounds: Readonly<Record<string, readonly [string, string]>> = {
  int2: ['-32768', '32767'],
  int4: ['-2147483648', '2147483647'],
  int8: ['-9223372036854775808', '9223372036854775807'],
};

/**
 * @param value - SQL
 * @param from - as format_type() has it
 * @returns a condition that holds for values which do not fit; undefined where none can tell
 */
function unfitFor(value: string, from: string, { name, sizes }: Retyped['to']): string | undefined {
  const isNumber = WHOLE.includes(from) || from === 'numeric';
  const range = bounds[name];
  if (range && isNumber) {
    const outside = `${value} NOT BETWEEN ${range[0]} AND ${range[1]}`;
    return from === 'numeric' ? `${value} <> trunc(${value}) OR ${outside}` : outside;
  }
  if (name === 'numeric' && isNumber) return unfitDigits(`${value}::numeric`, sizes);
  if (name === 'text' || name === 'varchar') return unfitText(value, from, sizes);
  const isSame = from === clocks[name];
  if (isSame && sizes.length === 0) return 'false';
  if (isSame) return `${value} <> ${value}::${name}(${sizes[0]})`;
  return name === 'date' && from === clocks.timestamp ? `${value} <> ${value}::date` : undefined;
}

const clocks: Readonly<Record<string, string>> = {
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
};

/** What has no digits (NaN) fits; infinity does not. */
function unfitDigits(value: string, [digits, scale = 0]: readonly number[]): string {
  if (digits === undefined) return 'false';
  const rounded = `round(${value}, ${scale})`;
  return `${value} <> 'NaN' AND (${value} <> ${rounded} OR abs(${rounded}) >= 10::numeric ^ (${digits - scale}))`;
}

/** Spaces at the end are cut without a word: they count too. */
function unfitText(value: string, from: string, [length]: readonly number[]): string | undefined {
  if (!TEXTS.includes(from)) return from === 'uuid' && length === undefined ? 'false' : undefined;
  return length === undefined ? 'false' : `length(${value}) > ${length}`;
}
