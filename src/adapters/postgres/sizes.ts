import type { TableSize } from '../../domain/plan.js';
import { schemaLocked } from '../../domain/problems/database.js';
import type { Client } from './client.js';
import { codeOf } from './failures.js';

/** A relation with its partitions and children at any depth, and with what belongs to each: TOAST and indexes. */
const query = `
  WITH RECURSIVE whole AS (
    SELECT name, to_regclass(name)::oid AS oid FROM unnest($1::text[]) AS name
    UNION SELECT whole.name, i.inhrelid FROM whole JOIN pg_inherits i ON i.inhparent = whole.oid
  )
  SELECT name, sum(pg_total_relation_size(oid))::float8 AS bytes
  FROM whole WHERE oid IS NOT NULL GROUP BY name ORDER BY name`;

const LOCK_TIMEOUT_MS = 5_000;

/**
 * Names as in SQL: `orders`, `sales.orders`, `"Orders"`.
 *
 * @returns the sizes of those that are there
 * @throws Problem `schema-locked` when another session keeps one of them for itself
 */
export async function sizesOf(client: Client, names: readonly string[]): Promise<TableSize[]> {
  if (!names.length) return [];
  await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
  try {
    return (await client.query<TableSize>(query, [names])).rows;
  } catch (error) {
    if (codeOf(error) !== '55P03') throw error;
    throw schemaLocked(LOCK_TIMEOUT_MS, (error as Error).message);
  }
}
