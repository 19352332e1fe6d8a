import { setTimeout as sleep } from 'node:timers/promises';
import { identifier } from '../../domain/sql-name.js';
import type { Client } from './client.js';

/** An index that may be what an interrupted build has left. */
export interface LeftIndex {
  /** With its schema, as SQL takes it. */
  name: string;
  table: string;
  valid: boolean;
  /** The session that builds it at the moment. */
  builder: number | null;
}

const left = (condition: string) => `
  SELECT n.nspname AS place, c.relname AS local, i.indrelid::regclass::text AS table, i.indisvalid AS valid,
    (SELECT p.pid FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid LIMIT 1) AS builder
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${condition} ORDER BY c.relname`;

/** The index of that name, valid or not. @param name - as to_regclass() takes it */
export const indexNamed = (client: Client, name: string): Promise<LeftIndex[]> =>
  found(client, left('c.oid = to_regclass($1)'), name);

/**
 * The copies that REINDEX CONCURRENTLY makes, `…_ccnew`, and puts aside, `…_ccold`
 * (https://www.postgresql.org/docs/current/sql-reindex.html): where they are not valid, it did not come to its end.
 *
 * @param name - of the table or the index that it was told
 */
export const copiesLeft = (client: Client, name: string): Promise<LeftIndex[]> =>
  found(
    client,
    left(`NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND i.indrelid =
      coalesce((SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass($1)), to_regclass($1))`),
    name,
  );

async function found(client: Client, text: string, name: string): Promise<LeftIndex[]> {
  const { rows } = await client.query<Omit<LeftIndex, 'name'> & { place: string; local: string }>(text, [
    name,
  ]);
  return rows.map(({ place, local, ...row }) => ({
    name: `${identifier(place)}.${identifier(local)}`,
    ...row,
  }));
}

const LOOK_EVERY_MS = 500;

/**
 * Drops an index without keeping anybody waiting, once nobody builds it any more.
 *
 * @param onWait - told who builds it, again and again
 */
export async function dropLeft(
  client: Client,
  { name }: LeftIndex,
  signal: AbortSignal,
  onWait: (builder: number) => void,
): Promise<void> {
  for (;;) {
    const [now] = await indexNamed(client, name);
    if (!now) return;
    if (now.builder === null) break;
    onWait(now.builder);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
}
