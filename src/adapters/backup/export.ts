import { createReadStream } from 'node:fs';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Backup, BackupManifest } from '../../domain/backup.js';
import { exportExists, exportFailed } from '../../domain/problems/store.js';
import { readPiece, syncPath } from '../disk.js';
import { shell, ToolFailed } from '../shell.js';
import { filesOfBackup } from './backup-files.js';
import type { PgTools } from './pg-tools.js';

export interface ExportOptions {
  /** Where to; nothing must be there. */
  to: string;
  signal: AbortSignal;
}

/** How a dump that is whole ends; since 2025 `\unrestrict` follows it. */
const TRAILER = /-- PostgreSQL database dump complete\n(--\n)?\s*(\\unrestrict \S+\s*)?$/;
const TAIL_BYTES = 1_024;

/**
 * Writes a backup as plain SQL, as `pg_dump db > file` would have done at its time. Private, and there whole or not at
 * all. The archive must have been trusted before.
 *
 * @returns its bytes
 * @throws Problem `export-exists`, `export-failed`, `missing-tool`
 */
export async function exportSql(
  { restore }: Pick<PgTools, 'restore'>,
  backup: Backup,
  { to, signal }: ExportOptions,
): Promise<number> {
  return exporting(to, async (part) => {
    // pg_restore keeps the mode of what is there.
    await (await open(part, 'wx', 0o600)).close();
    const command = { file: restore, args: [`--file=${part}`, backup.path], env: { LC_ALL: 'C' } };
    await shell(command, { signal }).catch((error: unknown) => {
      throw error instanceof ToolFailed ? exportFailed(to, error.lastWords()) : error;
    });
    if (!TRAILER.test(await tailOf(part))) throw exportFailed(to, 'it does not end as a dump does');
    await syncPath(part);
    await link(part, to);
    return (await stat(to)).size;
  });
}

/**
 * Writes the archive itself, for pg_restore.
 *
 * @returns its bytes
 * @throws Problem `export-exists`, `export-failed`
 */
export const exportArchive = (
  backup: Backup,
  manifest: BackupManifest,
  { to, signal }: ExportOptions,
): Promise<number> =>
  exporting(to, async (part) => {
    const folder = dirname(backup.manifest);
    const files = filesOfBackup(manifest, folder).filter(
      ({ path }) => path === manifest.file || path.startsWith(`${manifest.file}/`),
    );
    let bytes = 0;
    for (const file of files) {
      const target = join(part, ...file.path.split('/').slice(1));
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      const handle = await open(target, 'wx', 0o600);
      await pipeline(createReadStream(file.full), handle.createWriteStream({ flush: true }), { signal });
      bytes += file.bytes;
    }
    if ((await stat(part)).isDirectory()) await renameFolder(part, to);
    else await link(part, to);
    return bytes;
  });

/** Renaming a folder takes the place of one that is empty, and of nothing else. */
async function renameFolder(part: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  await rename(part, to);
}

async function exporting(to: string, write: (part: string) => Promise<number>): Promise<number> {
  if (await stat(to).catch(() => undefined)) throw exportExists(to);
  const part = `${to}.${process.pid}.part`;
  try {
    return await write(part);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw exportExists(to);
    if (code === 'ENOSPC' || code === 'EDQUOT') throw exportFailed(to, message);
    throw error;
  } finally {
    await rm(part, { recursive: true, force: true });
    await syncPath(dirname(to)).catch(() => undefined); // it is not there: that was told
  }
}

async function tailOf(path: string): Promise<string> {
  const { size } = await stat(path);
  const length = Math.min(size, TAIL_BYTES);
  return (await readPiece(path, size - length, length)).toString('utf8');
}

/** `backup_20261128_210000.sql`: as `date +%Y%m%d_%H%M%S` of when the backup was taken, in UTC. */
export const exportName = ({ startedAt }: Pick<Backup, 'startedAt'>, ending: 'sql' | 'dump'): string =>
  `backup_${startedAt.slice(0, 19).replace('T', '_').replace(/[-:]/g, '')}.${ending}`;
