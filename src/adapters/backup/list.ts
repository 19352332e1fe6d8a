import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backup, type BackupManifest, lastProven, type Proof } from '../../domain/backup.js';
import { copiesOf } from '../store/records.js';
import { backupOf, readManifest } from './files.js';
import { isExpiring } from './holds.js';
import { proofsOf } from './proofs.js';

/** A backup that lies in a folder, and what is known of it. */
export interface ListedBackup {
  backup: Backup;
  manifest: BackupManifest;
  /**
   * When it was last restored into a copy that then equalled its manifest: ISO 8601, UTC; null: never, or a later
   * try failed.
   */
  provedAt: string | null;
  /** Each time that it was tried, the oldest first. */
  proofs: readonly Proof[];
  /** Whether its archive is in the folder; otherwise it is in copies alone, and is fetched when it is used. */
  here: boolean;
}

/** All whole backups of a folder, the newest first. Whether their archives are what was written is not looked at. */
export async function backupsIn(folder: string): Promise<ListedBackup[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  const listed = await Promise.all(names.map((name) => listedBackup(folder, name)));
  return listed
    .filter((each) => each !== undefined)
    .sort((a, b) => b.manifest.startedAt.localeCompare(a.manifest.startedAt));
}

async function listedBackup(folder: string, name: string): Promise<ListedBackup | undefined> {
  const path = join(folder, name);
  const manifest = await readManifest(path);
  if (!manifest) return undefined;
  const archive = join(folder, manifest.file);
  if (await isExpiring(path)) return undefined;
  const here = Boolean(await stat(archive).catch(() => undefined));
  if (!here && !(await copiesOf(path)).copies.length) return undefined;
  const backup = backupOf(path, manifest);
  const proofs = await proofsOf(backup);
  return { backup, manifest, provedAt: lastProven(proofs)?.at ?? null, proofs, here };
}
