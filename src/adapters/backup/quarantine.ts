import { rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BackupManifest } from '../../domain/backup.js';
import { syncPath } from '../disk.js';
import { filesOfBackup } from './backup-files.js';
import { unusedName } from './files.js';

/**
 * Puts the files of a damaged backup aside, for whoever wants to look into it: nothing takes them for a backup any
 * more.
 *
 * @param manifestPath - which stays: it says what the backup was
 * @returns their new names
 */
export async function quarantine(manifestPath: string, manifest: BackupManifest): Promise<string[]> {
  const folder = dirname(manifestPath);
  // A folder goes as a whole.
  const tops = new Set(filesOfBackup(manifest, folder).map(({ path }) => path.split('/')[0]!));
  const aside: string[] = [];
  for (const top of tops) {
    const path = `${folder}/${top}`;
    if (!(await stat(path).catch(() => undefined))) continue;
    const to = await unusedName(`${path}.damaged`);
    await rename(path, to);
    aside.push(to);
  }
  await syncPath(folder);
  return aside;
}
