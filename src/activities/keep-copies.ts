import { manifestOfBackup } from '../adapters/backup/files.js';
import { copyBackup } from '../adapters/store/copy.js';
import { damageOfCopy } from '../adapters/store/copy-record.js';
import { tryEscrow } from '../adapters/store/escrow.js';
import { copiesOf, noteCopy, noteMissing } from '../adapters/store/records.js';
import type { Store } from '../adapters/store/store.js';
import type { CopySetting } from '../config/backup.js';
import type { Backup } from '../domain/backup.js';
import type { BackupCopy } from '../domain/copies.js';
import { Problem } from '../domain/problem.js';
import { copiesFailed } from '../domain/problems/store.js';
import { count } from '../domain/units.js';
import { backupsOf } from './backups.js';
import type { Target } from './home.js';
import { escrowOf, storeOf, storeOfCopy } from './stores.js';
import type { Work } from './work.js';

/**
 * Copies a backup to where the target's `backup.copies` say, and makes up for copies of earlier ones that are
 * missing. The backup itself is whole whatever comes of it.
 *
 * @returns what was done, a line each
 * @throws Problem `copies-failed`, or that of the only copy that failed: of those that are `required`
 */
export async function keepCopies(target: Target, backup: Backup, work: Work): Promise<string[]> {
  const { copies } = target.settings.backup;
  if (!copies.length) return [];
  const failed: { store: string; problem: Problem }[] = [];
  const notes: string[] = [];
  for (const setting of copies) {
    const made = await copyTo(target, setting, backup, work);
    if (!(made instanceof Problem)) notes.push(made);
    else if (setting.required) failed.push({ store: setting.name, problem: made });
    else notes.push(`NOT copied to ${setting.name}: ${made.message}`);
  }
  if (failed.length) throw copiesFailed(backup.id, failed);
  return [...notes, ...(await makeUp(target, backup, work))];
}

/** Nobody waits for a store while the site is closed. */
export async function copiesLater(target: Target, backup: Backup): Promise<void> {
  for (const { name } of target.settings.backup.copies)
    await noteMissing(
      backup.manifest,
      name,
      'it was taken while others waited: the next backup makes up for it',
    );
}

async function makeUp(target: Target, { id }: Backup, work: Work): Promise<string[]> {
  const notes: string[] = [];
  for (const { backup } of (await backupsOf(target)).filter((each) => each.here && each.backup.id !== id)) {
    const { missing } = await copiesOf(backup.manifest);
    const wanted = target.settings.backup.copies.filter(({ name }) =>
      missing.some(({ store }) => store === name),
    );
    for (const setting of wanted) {
      const made = await copyTo(target, setting, backup, work);
      notes.push(`${backup.id}: ${made instanceof Problem ? `NOT copied: ${made.message}` : made}`);
    }
  }
  return notes.length > MOST_NOTES ? [`${count(notes.length, 'earlier backup')} made up for`] : notes;
}

const MOST_NOTES = 3;

/**
 * Reads all copies of a backup back (level 1), and writes down what that showed.
 *
 * @returns which are damaged or could not be read, in words; empty: none
 */
export async function recheckCopies(target: Target, backup: Backup, work: Work): Promise<string[]> {
  const faults: string[] = [];
  for (const copy of (await copiesOf(backup.manifest)).copies) {
    const store = await storeOfCopy(target, copy);
    const fault = store ? await recheck(store, backup, copy, work) : 'the settings do not know it any more';
    if (fault) faults.push(`${copy.store}: ${fault}`);
  }
  return faults;
}

async function recheck(
  store: Store,
  { manifest }: Backup,
  copy: BackupCopy,
  { signal, progress }: Work,
): Promise<string | undefined> {
  progress(`reading the copy in ${store.name} back`);
  try {
    const damage = await damageOfCopy(store, copy, signal);
    if (damage) await noteMissing(manifest, store.name, damage);
    else await noteCopy(manifest, { ...copy, checkedAt: new Date().toISOString() });
    return damage;
  } catch (error) {
    if (!(error instanceof Problem) || signal.aborted) throw error;
    return error.message;
  }
}

/** @returns in words, or why it could not be made */
async function copyTo(
  target: Target,
  setting: CopySetting,
  backup: Backup,
  work: Work,
): Promise<string | Problem> {
  const { name } = setting;
  try {
    const there = (await copiesOf(backup.manifest)).copies.find(({ store }) => store === name);
    const copy = there ?? (await makeCopy(target, setting, backup, work));
    await noteCopy(backup.manifest, copy);
    return `copied to ${name}${howEncrypted(copy)}`;
  } catch (error) {
    if (!(error instanceof Problem) || work.signal.aborted) throw error;
    await noteMissing(backup.manifest, name, target.mask(error.message)).catch(() => undefined); // the cause is told
    return error;
  }
}

function howEncrypted({ encryption }: BackupCopy): string {
  if (!encryption) return '';
  return encryption.escrowAt ? ', encrypted, and decrypted with the escrowed key' : ', encrypted';
}

async function makeCopy(
  target: Target,
  setting: CopySetting,
  backup: Backup,
  { signal, progress }: Work,
): Promise<BackupCopy> {
  const manifest = await manifestOfBackup(backup);
  const recipients = target.settings.backup.encryption?.recipients ?? [];
  const escrow = recipients.length ? escrowOf(target) : undefined;
  if (escrow) await tryEscrow(escrow, recipients, signal);
  const isDue = escrow && (await isEscrowDue(target, setting.name, backup.id));
  return copyBackup(await storeOf(target, setting), backup, manifest, {
    target: target.name,
    recipients,
    ...(isDue ? { escrow } : {}),
    readBack: setting.readBack,
    signal,
    onProgress: progress,
  });
}

/** Whether none of the last copies was decrypted whole. */
async function isEscrowDue(target: Target, store: string, id: string): Promise<boolean> {
  const every = target.settings.backup.encryption?.escrow?.every ?? 1;
  const others = (await backupsOf(target)).filter(({ backup }) => backup.id !== id).slice(0, every - 1);
  const copies = await Promise.all(
    others.map(async ({ backup }) => (await copiesOf(backup.manifest)).copies),
  );
  const mine = copies.flat().filter((copy) => copy.store === store);
  return !mine.some(({ encryption }) => encryption?.escrowAt);
}
