import { resolve } from 'node:path';
import { restoreTools } from '../adapters/backup/restore-archive.js';
import { lookedAfterByHand } from '../adapters/backup/restore-by-hand.js';
import { extensionFaults } from '../adapters/backup/restore-extensions.js';
import { missingRoles, rolesInArchive } from '../adapters/backup/restore-roles.js';
import { roomFor } from '../adapters/backup/restore-room.js';
import { type Client, withClient } from '../adapters/postgres/client.js';
import { connectionOf } from '../adapters/postgres/connection.js';
import { onServer } from '../adapters/postgres/databases.js';
import { identity } from '../adapters/postgres/identity.js';
import { obstaclesOf } from '../adapters/postgres/swap-sessions.js';
import { restoreObstructed } from '../domain/problems/restore-run.js';
import type { Target } from './home.js';
import type { Source } from './restore-source.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/**
 * Looks, before the first byte, for all that would stop a restore later: room on the server's disk, connections,
 * what hangs on the database and would keep it from being renamed, extensions, roles. All faults at once.
 *
 * @returns what cannot be known from here, and what must be looked after by hand, a line each
 * @throws Problem `restore-obstructed`, `pg-restore-unfit`, `missing-tool`
 */
export async function refuseBeforehand(
  target: Target,
  found: Source,
  { runId, only, beside }: { runId: string; only?: readonly string[]; beside?: boolean },
  { signal }: Pick<Work, 'signal'>,
): Promise<string[]> {
  const { manifest, source } = found;
  const url = target.url();
  const session = { applicationName: sessionName(target.name, 'look', runId), signal };
  const { database } = connectionOf(url);
  const byHand = only || beside ? [] : await withClient(url, session, lookedAfterByHand);
  return onServer(url, session, async (server) => {
    const room =
      source?.kind === 'kept'
        ? { faults: [], hints: [] }
        : await roomFor(server, url, {
            atLeast: source?.kind === 'file' ? source.bytes : (manifest?.tableBytes ?? 0),
          });
    const faults = [
      ...room.faults,
      ...(only || beside ? [] : await obstaclesOf(server, database)),
      ...(manifest ? await extensionFaults(server, manifest) : []),
      ...(await rolesLacking(server, target, found, signal)),
    ];
    if (faults.length) throw restoreObstructed(target.name, faults);
    return [...room.hints, ...byHand];
  });
}

/** pg_restore would set owners and privileges, and end at the first role that is not there any more. */
async function rolesLacking(
  server: Client,
  { config, settings }: Target,
  { manifest, backup }: Source,
  signal: AbortSignal,
): Promise<string[]> {
  if (!manifest || !backup) return [];
  const { tools } = settings.backup;
  const folder = tools ? resolve(config.folder, tools) : undefined;
  const found = await restoreTools(folder, manifest, await identity(server), signal);
  return missingRoles(server, await rolesInArchive(found, backup.path, { signal }));
}
