import type { BackupManifest } from '../../domain/backup.js';
import type { Client } from '../postgres/client.js';
import { fingerprintHere, type FingerprintOptions } from '../postgres/fingerprint.js';
import { revisions } from '../postgres/revisions.js';
import { contentsOf } from './contents.js';
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
