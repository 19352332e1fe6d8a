import { resolve } from 'node:path';
import { exportArchive, exportName, exportSql } from '../adapters/backup/export.js';
import { majorOf, pgTools } from '../adapters/backup/pg-tools.js';
import { trusted } from '../adapters/backup/restore-archive.js';
import { backupNamed } from './backups.js';
import { usingBackup } from './fetch-back.js';
import type { Target } from './home.js';
import type { Work } from './work.js';

export interface ExportInput {
  /** An id, its beginning, or `latest`. */
  backup: string;
  format: 'sql' | 'archive';
  /** Where to; default: `backup_<time>.sql` or `.dump` in this folder. */
  to?: string | undefined;
  by: string;
}

export interface Exported {
  path: string;
  bytes: number;
  backup: string;
  startedAt: string;
  alarms: readonly string[];
}

/**
 * Writes a backup to a file of its own, once its archive was hashed again; where that is damaged, from a copy.
 *
 * @throws Problem `no-backups`, `no-such-backup`, `backup-damaged`, `backup-lost`, `export-exists`, `export-failed`
 */
export async function exportBackup(target: Target, input: ExportInput, work: Work): Promise<Exported> {
  const { backup } = await backupNamed(target, input.backup);
  const path = resolve(input.to ?? exportName(backup, input.format === 'sql' ? 'sql' : 'dump'));
  const options = { to: path, signal: work.signal };
  const holder = { by: input.by, why: 'an export' };
  const { result, alarms } = await usingBackup(target, backup, holder, work, async () => {
    const manifest = await trusted(backup, { signal: work.signal, onProgress: work.progress });
    if (input.format === 'archive') return exportArchive(backup, manifest, options);
    const { tools } = target.settings.backup;
    const folder = tools ? resolve(target.config.folder, tools) : undefined;
    const found = await pgTools(folder, work.signal, majorOf(manifest.pgDumpVersion));
    return exportSql(found, backup, options);
  });
  return { path, bytes: result, backup: backup.id, startedAt: backup.startedAt, alarms };
}
