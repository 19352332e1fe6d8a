import { changedColumns, type BackfillDefinition } from '../../domain/backfill/definition.js';
import { backfillColumn } from '../../domain/problems/backfill.js';
import type { Client } from '../postgres/client.js';

/** A column whose values are handed over as text. */
export interface ValueColumn {
  name: string;
  /** As a cast takes it, without a length, which would cut. */
  type: string;
  /** Name of its type in the catalog; of a domain: of what it is made of; of an array: of its elements. */
  base: string;
  isArray: boolean;
}

export interface Column extends ValueColumn {
  generated: string;
  identity: string;
  /** The table is partitioned by it. */
  parts: boolean;
}

const columnsQuery = `
  SELECT a.attname::text AS name, a.attgenerated::text AS generated, a.attidentity::text AS identity,
    format_type(a.atttypid, -1) AS type, coalesce(e.typname, b.typname)::text AS base, e.oid IS NOT NULL AS "isArray",
    EXISTS (SELECT FROM pg_partitioned_table p WHERE p.partrelid = a.attrelid AND a.attnum = ANY (p.partattrs::int2[]))
      AS parts
  FROM pg_attribute a
  JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
  LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
  WHERE a.attrelid = $1::int8::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

export const columnsOf = async (client: Client, oid: number): Promise<Column[]> =>
  (await client.query<Column>(columnsQuery, [oid])).rows;

interface Looked {
  name: string;
  columns: readonly Column[];
  /** Names of the columns of the key. */
  key: readonly string[];
}

/** @throws Problem `backfill-column` */
export function assertColumns(table: Looked, definition: Pick<BackfillDefinition, 'set' | 'python'>): void {
  for (const column of changedColumns(definition)) refuse(table, column, whyNotChanged(table, column));
  for (const column of definition.python?.reads ?? []) refuse(table, column, whyNotThere(table, column));
}

function refuse({ name }: Looked, column: string, why: string | null): void {
  if (why) throw backfillColumn(name, column, why);
}

const whyNotThere = ({ columns }: Looked, column: string): string | null =>
  columns.some(({ name }) => name === column)
    ? null
    : `there is none: it has ${columns.map(({ name }) => name).join(', ')}`;

function whyNotChanged(table: Looked, column: string): string | null {
  const found = table.columns.find(({ name }) => name === column);
  if (!found) return whyNotThere(table, column);
  if (found.generated) return 'it is generated: PostgreSQL computes it by itself';
  if (found.identity === 'a') return 'it is GENERATED ALWAYS AS IDENTITY: PostgreSQL gives it its values';
  if (found.parts) return 'the table is partitioned by it: rows would move while they are walked through';
  return table.key.includes(column) ? 'it is part of the key by which the rows are walked through' : null;
}
