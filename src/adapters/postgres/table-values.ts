import type { Client } from './client.js';
import { pinWriting } from './fingerprint.js';

/** What stands in one table: numbers and hashes that are the same whatever the order of rows and columns. */
export interface TableValues {
  rows: number;
  /** Of each column: its values, each with the primary key of its row. Absent where only rows were counted. */
  columns?: Readonly<Record<string, string>>;
  /** Columns of the primary key, in its order; empty: there is none. */
  key: readonly string[];
  /** The hashes are of one row in `SAMPLE`. */
  sampled?: true;
  /** It is larger than what is compared, and without a primary key there is no choosing the same rows again. */
  uncompared?: true;
}

export interface ValuesOptions {
  /** Tables up to this size are hashed whole. Bytes. */
  upTo: number;
  signal: AbortSignal;
}

/** Of a table that is too large to hash whole, one row in so many. */
export const SAMPLE = 16;

interface Described {
  bytes: number;
  columns: string[];
  key: string[];
}

const describeQuery = `
  SELECT pg_relation_size(c.oid)::float8 AS bytes,
    coalesce((SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '{}') AS columns,
    coalesce((SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum))
      FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])
      WHERE i.indrelid = c.oid AND i.indisprimary), '{}') AS key
  FROM pg_class c WHERE c.oid = $1::text::regclass`;

/**
 * Counts and hashes each table, in the caller's transaction, whose settings it changes. One reading of each table.
 *
 * @param names - tables with rows of their own, as SQL has them
 */
export async function tableValues(
  client: Client,
  names: Iterable<string>,
  { upTo, signal }: ValuesOptions,
): Promise<Record<string, TableValues>> {
  await pinWriting(client);
  const all: Record<string, TableValues> = {};
  for (const name of names) {
    signal.throwIfAborted();
    all[name] = await valuesIn(client, name, upTo);
  }
  return all;
}

async function valuesIn(client: Client, table: string, upTo: number): Promise<TableValues> {
  const found = await client.query<Described>(describeQuery, [table]);
  const { bytes, columns, key } = found.rows[0]!;
  const sampled = bytes > upTo;
  if (!columns.length || (sampled && !key.length)) {
    const { rows } = await client.query<{ n: number }>(`SELECT count(*)::float8 AS n FROM ONLY ${table}`);
    return { rows: rows[0]!.n, key, ...(columns.length ? { uncompared: true as const } : {}) };
  }
  const { rows } = await client.query<{ n: number; hashes: string[] }>(
    query(client, table, columns, key, sampled),
  );
  const { n, hashes } = rows[0]!;
  const hashed = Object.fromEntries(columns.map((column, at) => [column, hashes[at]!]));
  return { rows: n, columns: hashed, key, ...(sampled ? { sampled: true as const } : {}) };
}

/** The key seeds the hash of each value: a value that has moved to another row is another one. */
function query(
  client: Client,
  table: string,
  columns: readonly string[],
  key: readonly string[],
  sampled: boolean,
): string {
  const name = (column: string) => `t.${client.escapeIdentifier(column)}`;
  const seed = key.length ? `hashtextextended(${keyText(client, key)}, 0)` : '0::bigint';
  const some = sampled ? ` FILTER (WHERE s.lk_seed % ${SAMPLE} = 0)` : '';
  const sums = columns.map(
    (_, at) => `coalesce(sum(hashtextextended(s.v${at}, s.lk_seed)::numeric)${some}, 0)::text`,
  );
  const values = columns.map((column, at) => `${name(column)}::text AS v${at}`);
  return (
    `SELECT count(*)::float8 AS n, ARRAY[${sums.join(', ')}] AS hashes ` +
    `FROM (SELECT ${values.join(', ')}, ${seed} AS lk_seed FROM ONLY ${table} t OFFSET 0) s`
  );
}

/** The primary key of the row `t` as one text. */
export const keyText = (client: Client, key: readonly string[]): string =>
  key.length === 1
    ? `t.${client.escapeIdentifier(key[0]!)}::text`
    : `ROW(${key.map((column) => `t.${client.escapeIdentifier(column)}`).join(', ')})::text`;

/** A column whose values are others than before. */
export interface ChangedColumn {
  table: string;
  column: string;
  key: readonly string[];
}

/** Columns that both have, of tables with as many rows as before, and whose values are others. */
export function changedColumns(
  before: Readonly<Record<string, TableValues>>,
  after: Readonly<Record<string, TableValues>>,
): ChangedColumn[] {
  return Object.entries(before).flatMap(([table, was]) => {
    const is = after[table];
    if (!is || is.rows !== was.rows || was.sampled !== is.sampled || was.key.join() !== is.key.join())
      return [];
    return Object.entries(was.columns ?? {}).flatMap(([column, hash]) =>
      is.columns?.[column] === undefined || is.columns[column] === hash
        ? []
        : [{ table, column, key: was.key }],
    );
  });
}
