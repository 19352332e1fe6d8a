import { join, resolve } from 'node:path';
import { backupsIn, type ListedBackup } from '../adapters/backup/list.js';
import { noBackups, noSuchBackup } from '../domain/problems/restore-run.js';
import type { Target } from './home.js';

/** Where the target's backups lie. */
export const folderOf = ({ name, config, settings: { backup } }: Target): string =>
  backup.folder ? resolve(config.folder, backup.folder) : join(config.state, 'backups', name);

/** The target's backups, the newest first. */
export const backupsOf = (target: Target): Promise<ListedBackup[]> => backupsIn(folderOf(target));

/**
 * @param wanted - an id, the beginning of one, or `latest`
 * @throws Problem `no-backups`, `no-such-backup`
 */
export async function backupNamed(target: Target, wanted: string): Promise<ListedBackup> {
  const all = await backupsOf(target);
  const [newest] = all;
  if (!newest) throw noBackups(target.name, folderOf(target));
  if (wanted === 'latest') return newest;
  const found = all.filter(({ backup }) => backup.id.startsWith(wanted));
  const exact = found.find(({ backup }) => backup.id === wanted);
  const [only] = exact ? [exact] : found;
  if (!only || (!exact && found.length > 1))
    throw noSuchBackup(
      target.name,
      wanted,
      found.map(({ backup }) => backup.id),
    );
  return only;
}
