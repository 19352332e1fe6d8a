import { readFile } from 'node:fs/promises';
import type { BackupCopies, BackupCopy } from '../../domain/copies.js';
import { besideManifest } from '../backup/backup-files.js';
import { writeAtomically } from '../disk.js';

const none: BackupCopies = { formatVersion: 1, copies: [], missing: [] };

/** @param manifest - its path. @returns which copies a backup has; none when nothing is written down */
export async function copiesOf(manifest: string): Promise<BackupCopies> {
  try {
    const read = JSON.parse(await readFile(besideManifest(manifest, 'copies.json'), 'utf8')) as BackupCopies;
    return read.formatVersion === 1 ? read : none;
  } catch {
    return none;
  }
}

/** Writes down a copy that was made or checked. */
export async function noteCopy(manifest: string, copy: BackupCopy): Promise<void> {
  const { copies, missing } = await copiesOf(manifest);
  await write(manifest, {
    copies: [...copies.filter(({ store }) => store !== copy.store), copy],
    missing: missing.filter(({ store }) => store !== copy.store),
  });
}

/** Writes down that a copy could not be made, or is no copy any more. */
export async function noteMissing(manifest: string, store: string, why: string): Promise<void> {
  const { copies, missing } = await copiesOf(manifest);
  await write(manifest, {
    copies: copies.filter((each) => each.store !== store),
    missing: [
      ...missing.filter((each) => each.store !== store),
      { store, at: new Date().toISOString(), why: why.slice(0, MOST_WHY) },
    ],
  });
}

const MOST_WHY = 500;

const write = (manifest: string, copies: Omit<BackupCopies, 'formatVersion'>): Promise<void> =>
  writeAtomically(
    besideManifest(manifest, 'copies.json'),
    `${JSON.stringify({ formatVersion: 1, ...copies }, null, 2)}\n`,
  );
