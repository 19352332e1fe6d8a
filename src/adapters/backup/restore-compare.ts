import type { BackupContents } from '../../domain/backup.js';
import type { Client } from '../postgres/client.js';
import { type Fingerprint, fingerprintHere, type FingerprintOptions } from '../postgres/fingerprint.js';
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

/** Looks at all of one moment, in a transaction that ends with it. @throws those of `describeNow` */
export async function ofOneMoment<T>(client: Client, look: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const snapshot = await givingWay(client, LOCK_TIMEOUT_MS, () => takeSnapshot(client));
  try {
    return await look(snapshot);
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}
