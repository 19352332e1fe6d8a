import { dirname } from 'node:path';
import { readManifest } from '../adapters/backup/files.js';
import { leasing } from '../adapters/backup/holds.js';
import { nameOf } from '../adapters/backup/backup-files.js';
import { trusted } from '../adapters/backup/restore-archive.js';
import { quarantine } from '../adapters/backup/quarantine.js';
import { fetchCopy } from '../adapters/store/fetch.js';
import { copiesOf, noteCopy, noteMissing } from '../adapters/store/records.js';
import type { Backup } from '../domain/backup.js';
import type { BackupCopy } from '../domain/copies.js';
import { Problem } from '../domain/problem.js';
import { noWholeCopy } from '../domain/problems/store.js';
import { backupsOf } from './backups.js';
import type { Target } from './home.js';
import { escrowOf, storeOfCopy } from './stores.js';
import type { Work } from './work.js';

export interface Used<T> {
  result: T;
  /** What a person must hear of, for the step's note; empty: nothing. */
  alarms: readonly string[];
}

/**
 * Does what reads a backup, while nobody can delete it. When its archive turns out to be damaged or gone, that is put
 * aside and fetched back from a copy, and it is done once more; what is damaged is never tried anyway.
 *
 * @param holder - who reads it, and for what
 * @throws Problem `backup-lost` when there is no whole copy, naming the next older proven backup; what `act` throws
 */
export const usingBackup = <T>(
  target: Target,
  backup: Backup,
  holder: { by: string; why: string },
  work: Pick<Work, 'signal' | 'progress'>,
  act: () => Promise<T>,
): Promise<Used<T>> =>
  leasing(backup, holder, async () => {
    try {
      return { result: await act(), alarms: [] };
    } catch (error) {
      if (!(error instanceof Problem) || !DAMAGED.has(error.code)) throw error;
      const alarms = await fetchBack(target, backup, error, work);
      return { result: await act(), alarms };
    }
  });

const DAMAGED = new Set(['backup-damaged', 'backup-missing']);

/** Words for the note of a step. */
export const alarmsIn = ({ alarms }: Pick<Used<unknown>, 'alarms'>): string =>
  alarms.map((each) => `; ALARM: ${each}`).join('');

async function fetchBack(
  target: Target,
  backup: Backup,
  problem: Problem,
  work: Pick<Work, 'signal' | 'progress'>,
): Promise<string[]> {
  const manifest = await readManifest(backup.manifest);
  // It is another backup than the one that was approved, or the archive is not what was meant: no copy changes that.
  if (manifest && (manifest.sha256 !== backup.sha256 || (await isWhole(backup, work)))) throw problem;
  const { copies } = await copiesOf(backup.manifest);
  const aside =
    manifest && problem.code === 'backup-damaged' ? await quarantine(backup.manifest, manifest) : [];
  const [why, where] = [problem.told.why ?? problem.told.what, aside.join(', ')];
  const tried: string[] = [];
  for (const copy of copies) {
    work.progress(`the archive of ${backup.id} cannot be used: fetching it from ${copy.store}`);
    const failed = await fetchFrom(target, backup, copy, work);
    if (failed === undefined)
      return [
        `the archive of the backup ${backup.id} could not be used (${why})${where ? `, is put aside as ${where}` : ''}, and was fetched back from ${copy.store}`,
      ];
    tried.push(`${copy.store}: ${failed}`);
  }
  throw noWholeCopy(backup.id, why, where, tried, problem.code, await olderProven(target, backup));
}

/** Looked at once more: nothing is put aside because of a moment. */
async function isWhole(backup: Backup, work: Pick<Work, 'signal' | 'progress'>): Promise<boolean> {
  try {
    await trusted(backup, { signal: work.signal, onProgress: work.progress });
    return true;
  } catch (error) {
    if (error instanceof Problem && DAMAGED.has(error.code)) return false;
    throw error;
  }
}

/** @returns why it could not be used; undefined: it is here */
async function fetchFrom(
  target: Target,
  backup: Backup,
  copy: BackupCopy,
  { signal, progress }: Pick<Work, 'signal' | 'progress'>,
): Promise<string | undefined> {
  const escrow = escrowOf(target);
  try {
    const store = await storeOfCopy(target, copy);
    if (!store) return 'the settings do not know it any more';
    const folder = dirname(backup.manifest);
    const options = { folder, signal, onProgress: progress, ...(escrow ? { escrow } : {}) };
    await fetchCopy(store, nameOf(backup.manifest), copy, options);
    await noteCopy(backup.manifest, { ...copy, checkedAt: new Date().toISOString() });
    return undefined;
  } catch (error) {
    if (signal.aborted || !(error instanceof Problem)) throw error;
    if (error.code === 'store-lies') await noteMissing(backup.manifest, copy.store, error.message);
    return error.message;
  }
}

/** The one that a person would take instead. */
async function olderProven(target: Target, backup: Backup) {
  const all = await backupsOf(target);
  return all.find(
    ({ provedAt, here, manifest }) => provedAt !== null && here && manifest.startedAt < backup.startedAt,
  )?.manifest;
}
