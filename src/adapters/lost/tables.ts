import type { LostColumn } from '../../domain/lost.js';
import type { Client } from '../postgres/client.js';
import { isConstant } from '../postgres/written.js';
import { looseQuery } from './loose.js';

export interface Column extends LostColumn {
  generated: boolean;
  /** What rows that were there before the column hold, as text. */
  missing: string | null;
  /** The default's SQL. */
  usual: string | null;
}

/** A table as one side has it. */
export interface Table {
  name: string;
  partitioned: boolean;
  /** As the planner believes; -1: never counted. */
  estimate: number;
  /** Without indexes. */
  bytes: number;
  columns: readonly Column[];
  /** Columns of its primary key, or of another key that can take its place; empty: none. */
  key: readonly string[];
}

// Of columns that later versions brought the name alone would fail on earlier ones.
const columnsQuery = `
  SELECT coalesce(json_agg(json_build_object(
    'name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod), 'identity', a.attidentity,
    'loose', ${looseQuery}, 'generated', coalesce(to_jsonb(a)->>'attgenerated', '') <> '',
    'missing', CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END,
    'usual', pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attnum), '[]')
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`;

/** What ON CONFLICT can name: unique, at once, of whole columns that are never NULL. */
const keyQuery = `
  SELECT json_agg(quote_ident(a.attname) ORDER BY k.n)
  FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
  WHERE k.n <= i.indnkeyatts`;
const keysQuery = `
  SELECT (${keyQuery}) FROM pg_index i
  WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND NOT i.indisexclusion
    AND i.indpred IS NULL AND i.indexprs IS NULL
    AND NOT EXISTS (SELECT FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[]) AND NOT a.attnotnull)
  ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1`;

// Partitions are read through the table that they are parts of; tables of extensions are theirs.
const tablesQuery = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind = 'p' AS partitioned,
    c.reltuples::float8 AS estimate,
    (SELECT coalesce(sum(pg_table_size(p.relid)), 0) FROM pg_partition_tree(c.oid) p)::float8
      + CASE WHEN c.relkind = 'r' THEN pg_table_size(c.oid) ELSE 0 END::float8 AS bytes,
    (${columnsQuery}) AS columns, coalesce((${keysQuery}), '[]') AS key
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname <> 'lockkeeper'
    AND NOT EXISTS (SELECT FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
  ORDER BY 1`;

export const tablesOf = async (client: Client): Promise<Table[]> =>
  (await client.query<Table>(tablesQuery)).rows;

/** One table on both sides. */
export interface Pair {
  name: string;
  live: Table | undefined;
  copy: Table | undefined;
  /** Columns that rows are compared by: those of both. */
  columns: readonly Column[];
  /** Columns that only the live one has: what stands in them is in no row of the other one. */
  only: readonly Column[];
  key: readonly string[];
}

export function pairs(live: readonly Table[], copy: readonly Table[]): Pair[] {
  const names = [...new Set([...live, ...copy].map(({ name }) => name))].sort();
  return names.map((name) =>
    pairOf(
      name,
      live.find((each) => each.name === name),
      copy.find((each) => each.name === name),
    ),
  );
}

function pairOf(name: string, live: Table | undefined, copy: Table | undefined): Pair {
  const own = (live ?? copy)!.columns.filter(({ generated }) => !generated);
  const known = new Set(copy?.columns.filter(({ generated }) => !generated).map((column) => column.name));
  const both = live && copy;
  const columns = both ? own.filter((column) => known.has(column.name)) : own;
  const only = both ? own.filter((column) => !known.has(column.name)) : [];
  const keys = [live?.key, copy?.key].filter((key) => key !== undefined);
  const same = keys.every((key) => key.join() === keys[0]!.join());
  return { name, live, copy, columns, only, key: same ? keys[0]! : [] };
}

/** SQL that reads a pair's rows; all of it speaks of the table as `t`. */
export interface Reading {
  from: string;
  /** What tells a row apart, as one text. */
  key: string;
  /** The row, as one text. */
  row: string;
  /** Hash of the row; another one where a column that only this side has holds something. */
  hash: string;
}

export function readingOf(pair: Pair, side: 'live' | 'copy'): Reading {
  const table = pair[side]!;
  const row = `ROW(${pair.columns.map(({ name }) => `t.${name}`).join(', ')})::text`;
  // Rows without a key are counted by their content, which must be the same text on both sides.
  const more = side === 'live' && pair.key.length ? pair.only.map(holdsSomething) : [];
  const hash = more.length
    ? `md5(${row}) || CASE WHEN ${more.join(' OR ')} THEN '+' ELSE '' END`
    : `md5(${row})`;
  const key = pair.key.length ? `ROW(${pair.key.map((name) => `t.${name}`).join(', ')})::text` : row;
  return { from: `${table.partitioned ? '' : 'ONLY '}${table.name} AS t`, key, row, hash };
}

/** Neither NULL nor the one value that the column was added with, or that its rows get. */
function holdsSomething({ name, type, missing, usual }: Column): string {
  const tests = [`t.${name} IS NOT NULL`];
  // As text: not every type can be compared (json, point).
  if (missing !== null) tests.push(`t.${name}::text <> ${literal(missing)}`);
  if (usual !== null && isConstant(usual))
    tests.push(`t.${name}::text IS DISTINCT FROM (${usual})::${type}::text`);
  return `(${tests.join(' AND ')})`;
}

/** A value as SQL, on one line. null is NULL. */
export function literal(value: string | null): string {
  if (value === null) return 'NULL';
  const quoted = value.replaceAll("'", "''");
  if (!/[\\\n\r]/.test(value)) return `'${quoted}'`;
  return `E'${quoted.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
}
