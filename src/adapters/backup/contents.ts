import type { BackupContents } from '../../domain/backup.js';
import type { Client } from '../postgres/client.js';
import type { Snapshot } from './snapshot.js';

/**
 * Counts what the snapshot holds, in the transaction that exported it: what a restored copy must have, to the
 * row, however much is written meanwhile.
 */
export async function contentsOf(
  client: Client,
  { tables, sequences }: Pick<Snapshot, 'tables' | 'sequences'>,
  signal: AbortSignal,
): Promise<BackupContents> {
  const names = tables.filter(({ partitioned }) => !partitioned).map(({ name }) => name);
  return {
    tables: await rowCounts(client, names, signal),
    sequences,
    largeObjects: await numberOf(client, 'SELECT count(*)::float8 AS n FROM pg_largeobject_metadata'),
    extensions: await extensionsOf(client),
  };
}

/** Rows of each table. @param names - as SQL has them */
export async function rowCounts(
  client: Client,
  names: Iterable<string>,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) {
    signal.throwIfAborted();
    // ONLY: what inherits from a table is counted by itself.
    counts[name] = await numberOf(client, `SELECT count(*)::float8 AS n FROM ONLY ${name}`);
  }
  return counts;
}

async function numberOf(client: Client, query: string): Promise<number> {
  return (await client.query<{ n: number }>(query)).rows[0]?.n ?? 0;
}

async function extensionsOf(client: Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; version: string }>(
    'SELECT extname AS name, extversion AS version FROM pg_extension ORDER BY 1',
  );
  return Object.fromEntries(rows.map(({ name, version }) => [name, version]));
}
