import { pinWriting } from '../postgres/fingerprint.js';
import type { Client } from '../postgres/client.js';
import type { Snapshot } from './snapshot.js';

/** Row by row as text, each hashed to 64 bits, summed up: the same whatever the order of the rows. */
const hashOf = (table: string): string =>
  `SELECT coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS hash FROM ONLY ${table} t`;

/**
 * Hashes the values in each table, in the caller's transaction, whose settings it changes: a value that was
 * changed in place shows, which counting rows does not see. It reads and formats every row, so it takes about as
 * long as one COPY of everything in one session.
 *
 * @returns a hash for each table that has rows of its own
 */
export async function contentHashes(
  client: Client,
  { tables }: Pick<Snapshot, 'tables'>,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  await pinWriting(client);
  const hashes: Record<string, string> = {};
  for (const { name, partitioned } of tables) {
    signal.throwIfAborted();
    if (!partitioned) hashes[name] = await answer(client, hashOf(name));
  }
  return hashes;
}

const answer = async (client: Client, query: string): Promise<string> =>
  (await client.query<{ hash: string }>(query)).rows[0]?.hash ?? '0';

/** Tables of the same number of rows and other values, in words. That a table is missing its rows tell. */
export const hashDifferences = (
  backup: Readonly<Record<string, string>>,
  copy: Readonly<Record<string, string>>,
): string[] =>
  [...new Set([...Object.keys(backup), ...Object.keys(copy)])]
    .sort()
    // Manifests of before have one more, for all large objects.
    .filter((name) => backup[name] !== copy[name] && name !== 'large objects')
    .map((name) => `${name}: values in it are not those of the backup`);
