import type { BackupManifest } from '../../domain/backup.js';
import type { Client } from '../postgres/client.js';
import { databaseLines } from '../postgres/database-lines.js';
import { describeSchema } from '../postgres/description.js';
import { fingerprintHere, type FingerprintOptions } from '../postgres/fingerprint.js';
import { revisions } from '../postgres/revisions.js';
import { contentHashes } from './content-hash.js';
import { contentsOf } from './contents.js';
import { largeObjectHashes } from './large-objects.js';
import type { Snapshot } from './snapshot.js';

export type Description = Pick<BackupManifest, 'revisions' | 'contents' | 'fingerprint'>;

/** Tells what the snapshot holds, within the transaction that exported it. */
export async function describe(
  client: Client,
  snapshot: Snapshot,
  { ignore, versionTable, signal }: FingerprintOptions & { signal: AbortSignal },
): Promise<Description> {
  const at = await revisions(client, versionTable);
  const contents = await contentsOf(client, snapshot, signal);
  const { hash } = await fingerprintHere(client, {
    ...(ignore ? { ignore } : {}),
    ...(versionTable ? { versionTable } : {}),
  });
  return { revisions: at, contents, fingerprint: hash };
}

/**
 * The same for a backup, with all that a restored copy is held against.
 *
 * @param options.contentHash - hash the values of each table, too: as long as one more COPY of everything
 * @returns besides, the lines of the schema and of what hangs on the database
 */
export async function describeInFull(
  client: Client,
  snapshot: Snapshot,
  options: FingerprintOptions & { signal: AbortSignal; contentHash?: boolean; database: string },
): Promise<Description & { lines: string[] }> {
  const { contents, ...known } = await describe(client, snapshot, options);
  const lines = [...(await databaseLines(client, options.database)), ...(await describeSchema(client))];
  const large = contents.largeObjects ? { largeObjectHashes: await largeObjectHashes(client) } : {};
  const hashes = options.contentHash ? { hashes: await contentHashes(client, snapshot, options.signal) } : {};
  return { ...known, lines, contents: { ...contents, ...large, ...hashes } };
}
