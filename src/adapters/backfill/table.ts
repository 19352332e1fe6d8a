import { changedColumns, type BackfillDefinition } from '../../domain/backfill/definition.js';
import { backfillNoKey, backfillNotATable, backfillTableGone } from '../../domain/problems/backfill.js';
import type { Client } from '../postgres/client.js';
import { codeOf } from '../postgres/failures.js';
import { assertColumns, columnsOf, type Column } from './columns.js';
import { notesOf } from './table-notes.js';

/** A table whose rows can be walked through in the order of a key. */
export interface KeyedTable {
  oid: number;
  /** Schema and name, quoted. */
  name: string;
  /** What stands after UPDATE and FROM: without the children of plain inheritance, whose keys are their own. */
  from: string;
  key: readonly KeyColumn[];
  columns: readonly Column[];
  /** Rows, as the planner estimates them. */
  estimate: number;
  /** What people should know before it begins. */
  notes: readonly string[];
}

export interface KeyColumn {
  name: string;
  /** As a cast takes it, without a length, which would cut. */
  type: string;
}

const tableQuery = `
  SELECT c.oid::int8::float8 AS oid, format('%I.%I', n.nspname, c.relname) AS name, c.relkind AS kind
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`;

const KINDS: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  S: 'a sequence',
  i: 'an index',
  I: 'an index',
  c: 'a type',
};

/**
 * Looks at a table before and at each beginning: what its rows are named by, and what can be told of it.
 *
 * @throws Problem `backfill-table-gone`, `backfill-not-a-table`, `backfill-no-key`, `backfill-column`
 */
export async function keyedTable(client: Client, definition: BackfillDefinition): Promise<KeyedTable> {
  const { oid, name, kind } = await tableNamed(client, definition.table);
  const strange = KINDS[kind];
  if (strange) throw backfillNotATable(name, strange);
  const key = await keyOf(client, oid, name, kind, definition.key);
  const from = kind === 'p' ? name : `ONLY ${name}`;
  const changed = changedColumns(definition);
  const columns = await columnsOf(client, oid);
  assertColumns({ name, columns, key: key.map((each) => each.name) }, definition);
  return {
    ...{ oid, name, from, key, columns },
    estimate: await estimateOf(client, from),
    notes: await notesOf(client, oid, changed),
  };
}

async function tableNamed(
  client: Client,
  table: string,
): Promise<{ oid: number; name: string; kind: string }> {
  try {
    const { rows } = await client.query<{ oid: number; name: string; kind: string }>(tableQuery, [table]);
    if (rows[0]) return rows[0];
  } catch (error) {
    if (!['42601', '42602', '0A000'].includes(codeOf(error) ?? '')) throw error;
    throw backfillTableGone(table, (error as Error).message);
  }
  throw backfillTableGone(table, 'the database has none of that name, in the search path of this role');
}

/** Unique, whole and usable: its columns name each row. The primary key comes first. */
const keysQuery = `
  SELECT i.indisprimary AS "isPrimary", bool_and(a.attnotnull) AS "allThere", bool_and(o.opcdefault) AS "usual",
    count(DISTINCT k.option & 1) AS directions,
    array_agg(a.attname::text ORDER BY k.at) AS columns, array_agg(format_type(a.atttypid, -1) ORDER BY k.at) AS types
  FROM pg_index i
  CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[], i.indoption::int2[]) WITH ORDINALITY
    AS k(attnum, class, option, at)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  JOIN pg_opclass o ON o.oid = k.class
  WHERE i.indrelid = $1::int8::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    AND k.at <= i.indnkeyatts
  GROUP BY i.indexrelid, i.indisprimary ORDER BY i.indisprimary DESC`;

interface KeyRow {
  isPrimary: boolean;
  allThere: boolean;
  usual: boolean;
  directions: string;
  columns: string[];
  types: string[];
}

async function keyOf(
  client: Client,
  oid: number,
  name: string,
  kind: string,
  wanted: readonly string[],
): Promise<KeyColumn[]> {
  const { rows } = await client.query<KeyRow>(keysQuery, [oid]);
  const found = rows.find((each) => (wanted.length ? each.columns.join() === wanted.join() : each.isPrimary));
  const parts = kind === 'p' ? '; its partitions may have one: a backfill for each of them' : '';
  if (!found)
    throw backfillNoKey(
      name,
      wanted.length
        ? `no valid unique index is on just (${wanted.join(', ')}), without a condition`
        : `it has no primary key${parts}`,
    );
  if (!found.allThere) throw backfillNoKey(name, `a column of (${found.columns.join(', ')}) may be NULL`);
  if (!found.usual || Number(found.directions) > 1)
    throw backfillNoKey(name, `the index on (${found.columns.join(', ')}) is not in the order of its types`);
  return found.columns.map((column, at) => ({ name: column, type: found.types[at] ?? 'text' }));
}

async function estimateOf(client: Client, from: string): Promise<number> {
  type Plan = { 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] };
  const { rows } = await client.query<Plan>(`EXPLAIN (FORMAT JSON) SELECT FROM ${from}`);
  return rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
}
