import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { BackupManifest } from '../../domain/backup.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems/backup.js';
import { freeBytes } from '../disk.js';
import type { Client } from '../postgres/client.js';
import { makeFolder, manifestsIn } from './files.js';

/** A fifth more than last time: tables grow, and so does what compresses badly. */
const RESERVE = 1.2;
/**
 * Without an earlier backup: text compresses to a tenth (measured: 0.11 zstd, 0.13 gzip, 0.19 lz4, of the
 * whole database), images to their own size. A half refuses few that would fit, and few too late; a disk that
 * fills up nevertheless is met in the middle.
 */
const USUAL_RATIO = 0.5;

/** Makes the folder, and looks whether the backup has room in it. @param tableBytes - null: not known */
export async function folderObstacles(
  folder: string,
  tableBytes: number | null,
  database: string,
): Promise<Problem[]> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    return [problems.folderNotWritable(folder, (error as Error).message)];
  }
  if (tableBytes === null) return [];
  const needed = spaceNeeded(await lastOf(folder, database), tableBytes);
  const free = await freeBytes(folder);
  return free < needed ? [problems.noSpaceForBackup(folder, needed, free)] : [];
}

/** @returns bytes that the next backup will need, by the ratio of the last one */
export function spaceNeeded(last: BackupManifest | undefined, tableBytes: number): number {
  const ratio = last && last.tableBytes > 0 ? (last.bytes / last.tableBytes) * RESERVE : USUAL_RATIO;
  return Math.ceil(tableBytes * ratio);
}

/** @returns the newest backup of this database */
export const lastOf = async (folder: string, database: string): Promise<BackupManifest | undefined> =>
  (await manifestsIn(folder))
    .filter((manifest) => manifest.database.name === database)
    .sort((a, b) => a.finishedAt.localeCompare(b.finishedAt))
    .at(-1);

// Indexes are not dumped, their definitions are. TOAST is part of a table's size.
const sizeQuery = `
  SELECT coalesce(sum(pg_table_size(c.oid)), 0)::float8
    + pg_table_size('pg_catalog.pg_largeobject') AS "tableBytes"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/** Large objects are a table of the system's. It takes locks. */
export async function tableBytesOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ tableBytes: number }>(sizeQuery);
  return rows[0]?.tableBytes ?? 0;
}
