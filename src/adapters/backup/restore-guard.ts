import { notACopy } from '../../domain/problems/restore.js';
import type { Client } from '../postgres/client.js';
import type { Database } from '../postgres/databases.js';
import { identity } from '../postgres/identity.js';

/**
 * Asked of the very database that pg_restore is about to write into: that it is the copy that was just made, not
 * the live one, and empty.
 *
 * @throws Problem `not-a-copy`
 */
export async function refuseUnlessEmptyCopy(
  client: Client,
  live: Pick<Database, 'oid'>,
  copy: Database,
): Promise<void> {
  const { database, oid } = await identity(client);
  if (oid !== copy.oid || oid === live.oid || database !== copy.name || copy.marker?.state !== 'incomplete')
    throw notACopy(database, `its oid is ${oid}, and the copy's ${copy.oid}`);
  // What initdb made has an oid below 16384.
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'p', 'v', 'm', 'S')`,
  );
  if (rows[0]?.n !== 0) throw notACopy(database, `it has ${rows[0]?.n} relations already`);
}
