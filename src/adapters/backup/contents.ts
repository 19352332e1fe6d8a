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
  const counts: Record<string, number> = {};
  for (const { name, partitioned } of tables) {
    signal.throwIfAborted();
    if (!partitioned) counts[name] = await rowsOf(client, name);
  }
  return {
    tables: counts,
    sequences,
    largeObjects: await numberOf(client, 'SELECT count(*)::float8 AS n FROM pg_largeobject_metadata'),
    extensions: await extensionsOf(client),
  };
}

// ONLY: what inherits from a table is counted by itself.
const rowsOf = (client: Client, table: string) =>
  numberOf(client, `SELECT count(*)::float8 AS n FROM ONLY ${table}`);

async function numberOf(client: Client, query: string): Promise<number> {
  return (await client.query<{ n: number }>(query)).rows[0]?.n ?? 0;
}

async function extensionsOf(client: Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; version: string }>(
    'SELECT extname AS name, extversion AS version FROM pg_extension ORDER BY 1',
  );
  return Object.fromEntries(rows.map(({ name, version }) => [name, version]));
}
