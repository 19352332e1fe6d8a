import type { BackupContents, BackupManifest } from '../../domain/backup.js';
import type { Client } from '../postgres/client.js';
import { differencesFrom } from '../postgres/compare-contents.js';
import {
  type Fingerprint,
  fingerprint,
  fingerprintDifference,
  fingerprintHere,
  type FingerprintOptions,
} from '../postgres/fingerprint.js';
import { contentsOf } from './contents.js';
import { type Description, describe } from './describe.js';
import { givingWay } from './blockers.js';
import { type Snapshot, takeSnapshot } from './snapshot.js';

export interface DescribeOptions extends FingerprintOptions {
  signal: AbortSignal;
}

const LOCK_TIMEOUT_MS = 5_000;

/**
 * Tells what a database holds now: rows, sequences, revisions, schema, all of one moment, as the manifest of a
 * backup has them.
 *
 * @throws Problem `backup-blocked` (retried) when a table is locked, and those of `takeSnapshot`
 */
export const describeNow = (client: Client, options: DescribeOptions): Promise<Description> =>
  ofOneMoment(client, (snapshot) => describe(client, snapshot, options));

/**
 * Tells how many rows each table has now, and the schema, both of one moment.
 *
 * @throws Problem those of `describeNow` and `fingerprintHere`
 */
export const rowsAndSchema = (
  client: Client,
  options: DescribeOptions,
): Promise<Fingerprint & Pick<BackupContents, 'tables'>> =>
  ofOneMoment(client, async (snapshot) => {
    const { tables } = await contentsOf(client, snapshot, options.signal);
    return { tables, ...(await fingerprintHere(client, options)) };
  });

async function ofOneMoment<T>(client: Client, look: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const snapshot = await givingWay(client, LOCK_TIMEOUT_MS, () => takeSnapshot(client));
  try {
    return await look(snapshot);
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

/**
 * How a restored copy differs from its backup, in words; none when it does not.
 *
 * @param schema - the backup's schema as lines, where they are known: then differences can be named
 */
export async function compareCopy(
  client: Client,
  manifest: BackupManifest,
  options: DescribeOptions & { schema?: readonly string[] },
): Promise<string[]> {
  const found = await describeNow(client, options);
  const differences = differencesFrom(manifest, found);
  if (found.fingerprint === manifest.fingerprint) return differences;
  const { lines } = await fingerprint(client, options);
  const { missing, added } = fingerprintDifference({ lines: [...(options.schema ?? lines)] }, { lines });
  const named = [...missing.map((line) => `missing: ${line}`), ...added.map((line) => `left over: ${line}`)];
  return [...differences, ...(named.length ? named : ['the schema is not that of the backup'])];
}
