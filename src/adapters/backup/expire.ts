import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BackupManifest } from '../../domain/backup.js';
import type { Pin } from '../../domain/copies.js';
import { writeAtomically, syncPath } from '../disk.js';
import { besideManifest, filesOfBackup, nameOf } from './backup-files.js';
import { readManifest } from './files.js';
import { isLeaseOf, leasesOf, pinsOf } from './holds.js';

export interface ExpireOptions {
  /** Why it goes, for the marker. */
  why: string;
  /** Whether it is held by now: it may have been pinned or leased since it was judged. In words. */
  held: () => Promise<readonly string[]>;
  /** Removes its copies in all stores. When it throws, the rest stays for the next time. */
  removeCopies: () => Promise<void>;
}

/**
 * Deletes a backup so that nothing that looks like one is left whenever it is killed: a marker first, from which on it
 * is none; its archive; its copies, record by record; then what lies beside the manifest, the manifest, the marker.
 * Only what its own manifest names is deleted. Safe to repeat.
 *
 * @returns `held`: by whom, when somebody took hold of it meanwhile; then it is as before
 */
export async function expireBackup(
  manifestPath: string,
  manifest: BackupManifest,
  { why, held, removeCopies }: ExpireOptions,
): Promise<{ held: readonly string[] } | 'deleted'> {
  const marker = besideManifest(manifestPath, 'expiring');
  const wasMarked = Boolean(await stat(marker).catch(() => undefined));
  if (!wasMarked) {
    await writeAtomically(marker, JSON.stringify({ at: new Date().toISOString(), why }));
    const holders = await held();
    if (holders.length) {
      await rm(marker, { force: true });
      return { held: holders };
    }
  }
  await removeArchive(manifestPath, manifest);
  await removeCopies();
  await removeBeside(manifestPath);
  await rm(manifestPath, { force: true });
  await syncPath(dirname(manifestPath));
  await rm(marker, { force: true });
  return 'deleted';
}

async function removeArchive(manifestPath: string, manifest: BackupManifest): Promise<void> {
  const folder = dirname(manifestPath);
  for (const { full } of filesOfBackup(manifest, folder)) {
    await rm(full, { force: true });
    // Its folder goes with the last file in it; what somebody else put there keeps it.
    if (dirname(full) !== folder) await rmdir(dirname(full)).catch(() => undefined);
  }
}

/** Small files of ours that are about this backup alone. */
async function removeBeside(manifestPath: string): Promise<void> {
  const folder = dirname(manifestPath);
  const name = nameOf(manifestPath);
  const ours = ['proved', 'pinned', 'copies.json', 'schema'].map((ending) => `${name}.${ending}`);
  for (const each of await readdir(folder))
    if (ours.includes(each) || isLeaseOf(manifestPath, each)) await rm(join(folder, each), { force: true });
}

/** Deletions that were cut off: their manifests, or markers whose manifest is gone. */
export async function unfinishedDeletions(
  folder: string,
): Promise<{ manifestPath: string; manifest: BackupManifest | undefined }[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.expiring'));
  return Promise.all(
    names.map(async (name) => {
      const manifestPath = join(folder, name.replace(/\.expiring$/, '.json'));
      return { manifestPath, manifest: await readManifest(manifestPath) };
    }),
  );
}

/** A marker without a manifest: all else was deleted. */
export async function forgetMarker(manifestPath: string): Promise<void> {
  if (!(await stat(manifestPath).catch(() => undefined)))
    await rm(besideManifest(manifestPath, 'expiring'), { force: true });
}

/** Who holds a backup right now, in words. */
export async function holdersOf(
  backup: { manifest: string },
  pinHolds: (pin: Pin) => Promise<boolean>,
): Promise<string[]> {
  const pins: Pin[] = [];
  for (const pin of await pinsOf(backup)) if (await pinHolds(pin)) pins.push(pin);
  const leases = await leasesOf(backup);
  return [
    ...pins.map(({ by, why }) => `pinned by ${by}: ${why}`),
    ...leases.map(({ by, why }) => `in use by ${by}: ${why}`),
  ];
}
