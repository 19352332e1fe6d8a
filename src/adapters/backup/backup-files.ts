import { basename, join } from 'node:path';
import type { BackupManifest } from '../../domain/backup.js';

/** One file of a backup, as its manifest names it. */
export interface FileOfBackup {
  /** Relative to the folder of the manifest, with `/`. */
  path: string;
  full: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

type Listed = Pick<FileOfBackup, 'path' | 'bytes' | 'sha256'>;

/**
 * All files that belong to a backup besides its manifest: those that it lists, or in manifests of version 1 the
 * archive alone. What it names outside of its folder is not taken for its own.
 *
 * @param folder - where the manifest lies
 */
export function filesOfBackup(
  manifest: Pick<BackupManifest, 'file' | 'bytes' | 'sha256'> & { files?: readonly Listed[] },
  folder: string,
): readonly FileOfBackup[] {
  const { file, bytes, sha256, files = [{ path: file, bytes, sha256 }] } = manifest;
  return files
    .filter(({ path }) => isWithin(path))
    .map((each) => ({ ...each, full: join(folder, ...each.path.split('/')) }));
}

/** Whether a path of `/` stays in its folder. */
export const isWithin = (path: string): boolean =>
  path !== '' && !path.includes('\\') && !path.split('/').some((part) => ['', '.', '..'].includes(part));

/** Beside a manifest, another file about the same backup. */
export const besideManifest = (manifest: string, ending: 'copies.json' | 'pinned' | 'expiring'): string =>
  manifest.replace(/\.json$/, `.${ending}`);

/** What the names of all files of a backup begin with. */
export const nameOf = (manifest: string): string => basename(manifest, '.json');
