import { pin, pinsOf, leasesOf, unpin } from '../adapters/backup/holds.js';
import { listedCopies } from '../adapters/store/list.js';
import { copiesOf } from '../adapters/store/records.js';
import { fetchCopy } from '../adapters/store/fetch.js';
import type { ListedBackup } from '../adapters/backup/list.js';
import type { BackupCopies, CopyRecord, Lease, Pin } from '../domain/copies.js';
import { Problem } from '../domain/problem.js';
import { noCopyInStores } from '../domain/problems/store.js';
import { backupNamed, backupsOf, folderOf } from './backups.js';
import type { Target } from './home.js';
import { pinHolds } from './pins.js';
import { escrowOf, storeOf } from './stores.js';
import type { Work } from './work.js';

/** All that is known of a backup. */
export interface KnownBackup extends ListedBackup {
  copies: BackupCopies;
  pins: readonly (Pin & { holds: boolean })[];
  leases: readonly Lease[];
}

/** The target's backups, the newest first, with their copies and pins. */
export async function knownBackups(target: Target): Promise<KnownBackup[]> {
  const holds = await pinHolds(target);
  return Promise.all((await backupsOf(target)).map((listed) => known(listed, holds)));
}

/** @throws Problem `no-backups`, `no-such-backup` */
export const knownBackup = async (target: Target, wanted: string): Promise<KnownBackup> =>
  known(await backupNamed(target, wanted), await pinHolds(target));

async function known(listed: ListedBackup, holds: (pin: Pin) => Promise<boolean>): Promise<KnownBackup> {
  const { backup } = listed;
  const [copies, pins, leases] = await Promise.all([
    copiesOf(backup.manifest),
    pinsOf(backup),
    leasesOf(backup),
  ]);
  const held = await Promise.all(pins.map(async (each) => ({ ...each, holds: await holds(each) })));
  return { ...listed, copies, pins: held, leases };
}

/** @throws Problem `no-backups`, `no-such-backup`, `backup-expires` */
export async function pinBackup(target: Target, wanted: string, by: string, why: string): Promise<string> {
  const { backup } = await backupNamed(target, wanted);
  await pin(backup, { by, why, at: new Date().toISOString() });
  return backup.id;
}

/** Takes away all pins, those of runs too. @throws Problem `no-backups`, `no-such-backup` */
export async function unpinBackup(
  target: Target,
  wanted: string,
): Promise<{ id: string; gone: readonly Pin[] }> {
  const { backup } = await backupNamed(target, wanted);
  return { id: backup.id, gone: await unpin(backup) };
}

/** A copy as its store has it. */
export interface StoredCopy {
  store: string;
  where: string;
  name: string;
  record: CopyRecord;
}

/**
 * The copies in the target's stores, the newest first, whatever is known of them here. What a store says that does not
 * answer is noted.
 */
export async function storedCopies(
  target: Target,
  { signal }: Pick<Work, 'signal'>,
): Promise<{ copies: StoredCopy[]; notes: string[] }> {
  const copies: StoredCopy[] = [];
  const notes: string[] = [];
  for (const setting of target.settings.backup.copies)
    try {
      const store = await storeOf(target, setting);
      for await (const { name, record } of listedCopies(store, target.name, signal))
        copies.push({ store: store.name, where: store.where, name, record });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      notes.push(`${setting.name}: ${error.message}`);
    }
  copies.sort((a, b) => b.record.startedAt.localeCompare(a.record.startedAt));
  return { copies, notes };
}

/**
 * Brings a backup here whose manifest is lost too, from the first store that has a whole copy.
 *
 * @param wanted - an id, its beginning, or `latest`
 * @throws Problem `no-such-copy`, `copy-encrypted`, `store-lies`; those of the store
 */
export async function fetchBackup(
  target: Target,
  wanted: string,
  work: Work,
): Promise<{ id: string; store: string }> {
  const { copies } = await storedCopies(target, work);
  const newest = copies[0]?.record.backup;
  const ids = new Set(copies.map(({ record }) => record.backup));
  const found =
    wanted === 'latest' ? newest : ids.has(wanted) ? wanted : [...ids].find((id) => id.startsWith(wanted));
  const [first, ...others] = copies.filter(({ record }) => record.backup === found);
  const stores = target.settings.backup.copies;
  if (!first)
    throw noCopyInStores(
      target.name,
      wanted,
      stores.map(({ name }) => name),
    );
  const escrow = escrowOf(target);
  const options = { folder: folderOf(target), signal: work.signal, onProgress: work.progress };
  const fetch = async ({ store, name, record }: StoredCopy) => {
    const setting = stores.find((each) => each.name === store)!;
    await fetchCopy(await storeOf(target, setting), name, record, {
      ...options,
      ...(escrow ? { escrow } : {}),
    });
    return { id: record.backup, store };
  };
  return others.reduce((tried, other) => tried.catch(() => fetch(other)), fetch(first));
}
