import { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems/backup.js';
import { backupBlocked, backupIsRunning, changeIsRunning } from '../../domain/problems/backup-locks.js';
import { backupLock, lockHolder, tryAdvisoryLock } from '../postgres/advisory-lock.js';
import type { Client } from '../postgres/client.js';
import type { Identity } from '../postgres/identity.js';
import { waitForBlockers } from './blockers.js';
import { majorOf, type PgTools, pgTools } from './pg-tools.js';
import { readingObstacles } from './privileges.js';
import { folderObstacles, tableBytesOf } from './space.js';

export interface Preflight {
  tools: PgTools;
  /** Bytes of all tables without their indexes. */
  tableBytes: number;
}

export interface PreflightOptions {
  folder: string;
  pgBin?: string;
  /** How long to wait for whoever is in the way. */
  lockTimeoutMs: number;
  signal: AbortSignal;
}

/**
 * Looks whether a backup can be taken, before anything is locked: tools, their versions, folder, space on the
 * disk, that the role may read everything, that no change and no other backup is running, and that nobody keeps a
 * table for himself.
 *
 * @throws Problem with all obstacles at once
 */
export async function preflight(
  client: Client,
  server: Identity,
  { folder, pgBin, lockTimeoutMs, signal }: PreflightOptions,
): Promise<Preflight> {
  const tools = await pgTools(pgBin, signal, server.major).catch(onlyProblems);
  const obstacles = [
    ...(tools instanceof Problem ? [tools] : versionObstacles(tools, server)),
    ...(await readingObstacles(client)),
    ...(await othersAtWork(client)),
  ];
  const blockers = await waitForBlockers(client, lockTimeoutMs, signal);
  // The size of a table that somebody has for himself is not told before he is done.
  const tableBytes = blockers.length ? null : await tableBytesOf(client);
  obstacles.push(...(await folderObstacles(folder, tableBytes, server.database)));
  if (blockers.length) obstacles.push(backupBlocked(lockTimeoutMs, blockers));
  if (obstacles.length || tools instanceof Problem || tableBytes === null)
    throw problems.allObstacles(obstacles);
  return { tools, tableBytes };
}

const onlyProblems = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  throw error;
};

/** The backup is restored on the server that it was taken of, so that its tools must be of that version. */
export function versionObstacles(
  { dumpVersion, restoreVersion }: PgTools,
  server: Pick<Identity, 'major' | 'version'>,
): Problem[] {
  const found: Problem[] = [];
  const [ours, theirs] = [majorOf(dumpVersion), server.major];
  if (ours < theirs) found.push(problems.clientTooOld('pg_dump', dumpVersion, server.version));
  if (ours > theirs) found.push(problems.clientTooNew('pg_dump', dumpVersion, server.version));
  if (ours !== majorOf(restoreVersion)) found.push(problems.toolsDiffer(dumpVersion, restoreVersion));
  return found;
}

/** The second fence beside the one run per target: it holds for whoever is at work without Temporal, too. */
async function othersAtWork(client: Client): Promise<Problem[]> {
  const change = await lockHolder(client);
  const free = await tryAdvisoryLock(client, { lock: backupLock });
  return [
    ...(change ? [changeIsRunning(change)] : []),
    ...(free ? [] : [backupIsRunning(await lockHolder(client, backupLock))]),
  ];
}
