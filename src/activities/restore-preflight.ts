import { lookedAfterByHand } from '../adapters/backup/restore-by-hand.js';
import { extensionFaults } from '../adapters/backup/restore-extensions.js';
import { roomFor } from '../adapters/backup/restore-room.js';
import { withClient } from '../adapters/postgres/client.js';
import { connectionOf } from '../adapters/postgres/connection.js';
import { onServer } from '../adapters/postgres/databases.js';
import { obstaclesOf } from '../adapters/postgres/swap-sessions.js';
import { restoreObstructed } from '../domain/problems/restore-run.js';
import type { Target } from './home.js';
import type { Source } from './restore-source.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/**
 * Looks, before the first byte, for all that would stop a restore later: room on the server's disk, connections,
 * what hangs on the database and would keep it from being renamed, extensions. All faults at once.
 *
 * @returns what cannot be known from here, and what must be looked after by hand, a line each
 * @throws Problem `restore-obstructed`
 */
export async function refuseBeforehand(
  target: Target,
  { manifest, source }: Source,
  { runId, only, beside }: { runId: string; only?: readonly string[]; beside?: boolean },
  { signal }: Pick<Work, 'signal'>,
): Promise<string[]> {
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
    ];
    if (faults.length) throw restoreObstructed(target.name, faults);
    return [...room.hints, ...byHand];
  });
}
