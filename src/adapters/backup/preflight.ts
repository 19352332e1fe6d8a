import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems/backup.js';
import { freeBytes } from '../disk.js';
import type { Client } from '../postgres/client.js';
import type { Identity } from '../postgres/identity.js';
import { makeFolder, manifestsIn } from './files.js';
import { majorOf, type PgTools, pgTools } from './pg-tools.js';
import { readingObstacles } from './privileges.js';

export interface Preflight {
  tools: PgTools;
  /** Bytes of all tables without their indexes. */
  tableBytes: number;
}

/**
 * Looks whether a backup can be taken, before anything is locked: tools, their versions, folder, space on the
 * disk, and that the role may read everything.
 *
 * @throws Problem with all obstacles at once
 */
export async function preflight(
  client: Client,
  server: Identity,
  { folder, pgBin, signal }: { folder: string; pgBin?: string; signal: AbortSignal },
): Promise<Preflight> {
  const tools = await pgTools(pgBin, signal).catch(onlyProblems);
  const { tableBytes, databaseName } = await sizeOf(client);
  const obstacles = [
    ...(tools instanceof Problem ? [tools] : versionObstacles(tools, server)),
    ...(await folderObstacles(folder, tableBytes, databaseName)),
    ...(await readingObstacles(client)),
  ];
  if (obstacles.length || tools instanceof Problem) throw problems.allObstacles(obstacles);
  return { tools, tableBytes };
}

const onlyProblems = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  throw error;
};

function versionObstacles({ dumpVersion, restoreVersion }: PgTools, server: Identity): Problem[] {
  const found: Problem[] = [];
  if (majorOf(dumpVersion) < server.major)
    found.push(problems.clientTooOld('pg_dump', dumpVersion, server.version));
  if (majorOf(dumpVersion) !== majorOf(restoreVersion))
    found.push(problems.toolsDiffer(dumpVersion, restoreVersion));
  return found;
}

async function folderObstacles(folder: string, tableBytes: number, database: string): Promise<Problem[]> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    return [problems.folderNotWritable(folder, (error as Error).message)];
  }
  const needed = await estimate(folder, tableBytes, database);
  const free = await freeBytes(folder);
  return free < needed ? [problems.noSpaceForBackup(folder, needed, free)] : [];
}

/** A fifth more than last time: tables grow, and so does what compresses badly. */
const RESERVE = 1.2;
/**
 * Without an earlier backup: text compresses to a tenth (measured: 0.11 zstd, 0.13 gzip, 0.19 lz4, of the
 * whole database), images to their own size. A half refuses few that would fit, and few too late; a disk that
 * fills up nevertheless is met in the middle.
 */
const USUAL_RATIO = 0.5;

/** @returns bytes that the backup will need, by the ratio of the newest backup of this database */
async function estimate(folder: string, tableBytes: number, database: string): Promise<number> {
  const earlier = (await manifestsIn(folder))
    .filter((manifest) => manifest.database.name === database && manifest.tableBytes > 0)
    .sort((a, b) => a.finishedAt.localeCompare(b.finishedAt))
    .at(-1);
  const ratio = earlier ? (earlier.bytes / earlier.tableBytes) * RESERVE : USUAL_RATIO;
  return Math.ceil(tableBytes * ratio);
}

// Indexes are not dumped, their definitions are. TOAST is part of a table's size.
const sizeQuery = `
  SELECT current_database() AS "databaseName", coalesce(sum(pg_table_size(c.oid)), 0)::float8 AS "tableBytes"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

async function sizeOf(client: Client): Promise<{ tableBytes: number; databaseName: string }> {
  const { rows } = await client.query<{ tableBytes: number; databaseName: string }>(sizeQuery);
  return rows[0] ?? { tableBytes: 0, databaseName: '' };
}
