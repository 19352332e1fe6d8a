import type { Client } from '../postgres/client.js';

/** 32 MiB: a second of work, after which vacuum may clean up behind it. */
const BATCH_BLOCKS = 4_096;

/** A table with rows of its own: the table, or one of its partitions. */
export interface Piece {
  name: string;
  blocks: number;
  /** With what is stored outside of its rows. */
  bytes: number;
  /** Blocks that are read at a time. */
  batch: number;
}

/**
 * What holds the rows of a table, and how many blocks it has now. Before version 14 PostgreSQL reads all of a table to
 * find a range of its blocks: there it is read at once.
 */
export async function piecesOf(client: Client, table: string, batch = BATCH_BLOCKS): Promise<Piece[]> {
  const { rows } = await client.query<{ name: string; blocks: number; bytes: number; version: number }>(
    `WITH RECURSIVE whole AS (
       SELECT $1::regclass::oid AS oid
       UNION SELECT i.inhrelid FROM whole JOIN pg_inherits i ON i.inhparent = whole.oid
     )
     SELECT format('%I.%I', n.nspname, c.relname) AS name, current_setting('server_version_num')::int AS version,
       (pg_relation_size(c.oid) / current_setting('block_size')::int)::float8 AS blocks,
       pg_table_size(c.oid)::float8 AS bytes
     FROM whole JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' ORDER BY c.oid`,
    [table],
  );
  return rows.map(({ name, blocks, bytes, version }) => ({
    ...{ name, blocks, bytes },
    batch: version >= 140_000 ? batch : Math.max(1, blocks),
  }));
}

/** The rows of a batch as a condition on `t`. */
export const range = ({ batch, blocks }: Piece, block: number): string =>
  batch >= blocks && block === 0
    ? 'true'
    : `t.ctid >= '(${block},0)'::tid AND t.ctid < '(${block + batch},0)'::tid`;
