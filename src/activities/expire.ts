import { join } from 'node:path';
import { expireBackup, forgetMarker, holdersOf, unfinishedDeletions } from '../adapters/backup/expire.js';
import type { ListedBackup } from '../adapters/backup/list.js';
import { clockJump } from '../adapters/host-clock.js';
import { withLock } from '../adapters/lock.js';
import { clockOff } from '../adapters/postgres/clock.js';
import { removeCopy } from '../adapters/store/copy-record.js';
import { copiesOf } from '../adapters/store/records.js';
import type { BackupManifest } from '../domain/backup.js';
import { Problem } from '../domain/problem.js';
import { expiryBusy, expiryRefused, noKeepPolicy } from '../domain/problems/store.js';
import { retention } from '../plan/retention.js';
import { backupsOf, folderOf } from './backups.js';
import type { Target } from './home.js';
import { pinHolds } from './pins.js';
import { sessionName } from './standing.js';
import { storeOfCopy } from './stores.js';
import type { Work } from './work.js';

/** A backup, and why it is kept. */
export interface Judged {
  listed: ListedBackup;
  /** Empty: it can go. */
  reasons: readonly string[];
}

export interface Expired {
  kept: readonly Judged[];
  deleted: readonly ListedBackup[];
  /** What was not deleted although it could have been, and other things to know. */
  notes: readonly string[];
}

/**
 * Which of the target's backups its `backup.keep` lets go, and why the others stay. Looks only.
 *
 * @throws Problem `no-keep-policy`, `expiry-refused` when the clock cannot be trusted
 */
export async function judgeBackups(target: Target, { signal }: Pick<Work, 'signal'>): Promise<Judged[]> {
  const { keep } = target.settings.backup;
  if (!keep) throw noKeepPolicy(target.name);
  const all = await backupsOf(target);
  const holds = await pinHolds(target);
  const known = await Promise.all(
    all.map(async ({ backup, provedAt }) => ({
      id: backup.id,
      startedAt: backup.startedAt,
      proved: provedAt !== null,
      held: await holdersOf(backup, holds),
    })),
  );
  const told = retention(known, keep, { now: Date.now(), offMs: await offBy(target, signal) });
  if ('refused' in told) throw expiryRefused(told.refused);
  const byId = new Map(all.map((each) => [each.backup.id, each]));
  return told.verdicts.map(({ id, reasons }) => ({ listed: byId.get(id)!, reasons }));
}

/** How far the clock of this host can be off: by a jump, or from that of the database, if that can be asked. */
async function offBy(target: Target, signal: AbortSignal): Promise<number> {
  const jumped = await clockJump(join(target.config.state, 'clocks', `${target.name}.json`));
  const session = { applicationName: sessionName(target.name, 'look'), signal };
  const off = await (async () => clockOff(target.url(), session))().catch(() => 0);
  return Math.abs(jumped) > Math.abs(off) ? jumped : off;
}

/**
 * Deletes what `backup.keep` lets go, with all copies, and what an earlier deletion that was cut off has left. One
 * process at a time.
 *
 * @throws Problem of `judgeBackups`; `expiry-busy`
 */
export async function expireBackups(target: Target, work: Work): Promise<Expired> {
  const folder = folderOf(target);
  const lock = join(folder, '.expiry.lock');
  return withLock(lock, async () => expire(target, folder, work), {
    waitMs: 0,
    busy: (pid) => expiryBusy(folder, `process ${pid}`),
  });
}

async function expire(target: Target, folder: string, work: Work): Promise<Expired> {
  const notes: string[] = [];
  const deleted: ListedBackup[] = [];
  for (const { manifestPath, manifest } of await unfinishedDeletions(folder)) {
    if (!manifest) await forgetMarker(manifestPath);
    else notes.push(...(await remove(target, { manifestPath, manifest }, 'cut off before', work)).notes);
  }
  const judged = await judgeBackups(target, work);
  for (const { listed } of judged.filter(({ reasons }) => !reasons.length)) {
    work.signal.throwIfAborted();
    work.progress(`deleting the backup ${listed.backup.id}`);
    const { manifest: manifestPath } = listed.backup;
    const done = await remove(target, { manifestPath, manifest: listed.manifest }, 'backup.keep', work);
    notes.push(...done.notes);
    if (done.deleted) deleted.push(listed);
  }
  return { kept: judged.filter(({ reasons }) => reasons.length), deleted, notes };
}

interface Condemned {
  manifestPath: string;
  manifest: BackupManifest;
}

async function remove(
  target: Target,
  { manifestPath, manifest }: Condemned,
  why: string,
  work: Work,
): Promise<{ deleted: boolean; notes: string[] }> {
  const notes: string[] = [];
  const holds = await pinHolds(target);
  try {
    const done = await expireBackup(manifestPath, manifest, {
      why,
      held: () => holdersOf({ manifest: manifestPath }, holds),
      removeCopies: async () => void notes.push(...(await removeCopies(target, manifestPath, work.signal))),
    });
    if (done === 'deleted') return { deleted: true, notes };
    return { deleted: false, notes: [`${manifest.id} stays: ${done.held.join('; ')}`] };
  } catch (error) {
    if (!(error instanceof Problem) || work.signal.aborted) throw error;
    return { deleted: false, notes: [`${manifest.id}: its copies are deleted next time: ${error.message}`] };
  }
}

/** @returns what was left, in words */
async function removeCopies(target: Target, manifestPath: string, signal: AbortSignal): Promise<string[]> {
  const notes: string[] = [];
  for (const copy of (await copiesOf(manifestPath)).copies) {
    const store = await storeOfCopy(target, copy);
    if (store) await removeCopy(store, copy, signal);
    else
      notes.push(
        `the copy of ${copy.backup} in ${copy.where} stays: the settings have no ${copy.store} any more`,
      );
  }
  return notes;
}
