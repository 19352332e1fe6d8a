import { lockHeld } from '../../domain/problems/alembic-run.js';
import { databaseLocked, databaseNameTaken, notACopy } from '../../domain/problems/restore.js';
import { lockHolder, tryAdvisoryLock } from './advisory-lock.js';
import { type Client, type ClientOptions, withClient } from './client.js';
import { connectionOf } from './connection.js';
import {
  comment,
  type Database,
  databaseNamed,
  databases,
  mark,
  type Marker,
  onServer,
} from './databases.js';
import { codeOf } from './failures.js';
import { endAllSessions, holdersOf, refuseObstacles } from './swap-sessions.js';
import { inTransaction } from './transaction.js';

export interface SwapOptions extends ClientOptions {
  /** The live database. */
  url: string;
  /** Name of the copy that is to take its place. */
  restored: string;
  /** Name that the live one gets. */
  keepAs: string;
  /**
   * Asked when nobody can connect any more and all sessions have ended, in the last session of the live
   * database: what would be lost, in words. When there is something, nothing is swapped.
   */
  wouldLose?: (inside: Client) => Promise<string[]>;
  onProgress?: (text: string) => void;
}

/** What came of it: the name under which the old database is kept, or why it stays in its place. */
export type Swapped = { kept: string } | { lost: string[] };

interface Pair {
  live: Database;
  copy: Database & { marker: Marker };
}

/**
 * Lets a restored copy take the name of the live database, which is kept under another name, closed. New
 * connections are refused first, sessions ended, and both are renamed in one transaction: whatever is killed at
 * whatever instant, one database has the name, the old or the new one, whole. That it may be closed for a moment
 * is written on the copy in the same transaction that closes it; `finishSwap` finds that and opens it again.
 *
 * @throws Problem `swap-obstructed`, `not-a-copy`, `database-name-taken`, `database-gone`; `lock-held`,
 *   `sessions-stay`, `database-locked` (retried); those of `withClient`; whatever `wouldLose` throws. The live
 *   database is open again
 */
export async function swapDatabases(options: SwapOptions): Promise<Swapped> {
  const { url, keepAs, onProgress = () => {} } = options;
  await finishSwap(url, options);
  return onServer(url, options, async (server) => {
    const pair = await pairOf(server, options);
    if (!pair) return { kept: keepAs };
    await refuseObstacles(server, pair.live.name);
    try {
      const lost = await withClient(url, options, (inside) => closeAndLook(server, inside, pair, options));
      if (!lost.length) {
        await exchange(server, pair, keepAs);
        onProgress('swapped');
        return { kept: keepAs };
      }
      await reopen(server, pair.copy);
      return { lost };
    } catch (error) {
      // By a session of its own: ours may be what was lost. Where it fails the next attempt begins with it.
      await finishSwap(url, { applicationName: options.applicationName }).catch(() => undefined);
      throw error;
    }
  });
}

/** The old database takes its name back; the one that has it now is kept as `keepAs`. */
export const unswap = ({ kept, ...options }: Omit<SwapOptions, 'restored'> & { kept: string }) =>
  swapDatabases({ ...options, restored: kept });

/** @returns undefined when they are swapped already */
async function pairOf(server: Client, { url, restored, keepAs }: SwapOptions): Promise<Pair | undefined> {
  const live = await databaseNamed(server, connectionOf(url).database);
  const all = await databases(server);
  const taken = all.find((each) => each.name === keepAs);
  const copy = all.find((each) => each.name === restored);
  const swapped = taken?.marker?.state === 'kept' && taken.marker.oid === live.oid;
  if (taken && !(swapped && !copy)) throw databaseNameTaken(keepAs);
  if (taken) return undefined;
  const { marker } = copy ?? (await databaseNamed(server, restored));
  if (!copy || !marker || marker.of !== live.name || !['complete', 'kept'].includes(marker.state))
    throw notACopy(restored, `it does not say that it is a whole copy of ${live.name}`);
  return { live, copy: { ...copy, marker } };
}

/** @returns what would be lost */
async function closeAndLook(
  server: Client,
  inside: Client,
  pair: Pair,
  options: SwapOptions,
): Promise<string[]> {
  const { onProgress = () => {}, wouldLose } = options;
  if (!(await tryAdvisoryLock(inside))) {
    const holder = await lockHolder(inside);
    throw lockHeld(holder ? { ...holder, user: null, since: null } : null);
  }
  const { rows } = await inside.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  onProgress('closing');
  await close(server, pair);
  onProgress('closed');
  await endAllSessions(server, pair.live.name, { except: rows[0]?.pid ?? 0 });
  onProgress('sessions ended');
  return wouldLose ? wouldLose(inside) : [];
}

/** Closed, and written down that it is: both or neither. */
const close = (server: Client, { live, copy }: Pair) =>
  inTransaction(server, async () => {
    const before = copy.marker.state === 'kept' ? 'kept' : 'complete';
    await mark(server, copy.name, { ...copy.marker, oid: live.oid, state: 'swapping', before });
    await allowConnections(server, live.name, false);
  });

/** Opens the database again that a copy has closed. */
const reopen = (server: Client, copy: Pick<Database, 'name'>) =>
  inTransaction(server, async () => {
    const all = await databases(server);
    const marker = all.find((each) => each.name === copy.name)?.marker;
    if (marker?.state !== 'swapping') return;
    const { before = 'complete', ...rest } = marker;
    const closed = all.find((each) => each.oid === marker.oid);
    if (closed) await allowConnections(server, closed.name, true);
    await mark(server, copy.name, { ...rest, state: before });
  });

const TRIES = 5;
const OBJECT_IN_USE = '55006';
const LOCK_NOT_AVAILABLE = '55P03';

async function exchange(server: Client, pair: Pair, keepAs: string): Promise<void> {
  const { live, copy } = pair;
  await server.query(`SET lock_timeout = '5s'`);
  for (let tries = 1; ; tries += 1) {
    await endAllSessions(server, live.name);
    await endAllSessions(server, copy.name);
    try {
      return await inTransaction(server, () => rename(server, live, copy, keepAs));
    } catch (error) {
      if (codeOf(error) === LOCK_NOT_AVAILABLE)
        throw databaseLocked(live.name, await holdersOf(server, [live.oid, copy.oid]));
      // Somebody has connected to the copy, or autovacuum looks after it.
      if (codeOf(error) !== OBJECT_IN_USE || tries === TRIES) throw error;
    }
  }
}

async function rename(server: Client, live: Database, copy: Pair['copy'], keepAs: string): Promise<void> {
  const name = (text: string) => server.escapeIdentifier(text);
  await server.query(`ALTER DATABASE ${name(live.name)} RENAME TO ${name(keepAs)}`);
  await server.query(`ALTER DATABASE ${name(copy.name)} RENAME TO ${name(live.name)}`);
  await allowConnections(server, live.name, true);
  await comment(server, live.name, live.comment);
  const at = new Date().toISOString();
  await mark(server, keepAs, { of: live.name, oid: copy.oid, run: copy.marker.run, state: 'kept', at });
}

/**
 * Finds what a swap that was killed has left closed, and opens it again. Harmless when there is nothing: call it
 * before anything else that needs the database.
 *
 * @returns the runs whose swap it was, by the names that they gave themselves
 */
export async function finishSwap(url: string, options: ClientOptions): Promise<string[]> {
  const { database } = connectionOf(url);
  return onServer(url, options, async (server) => {
    const half = (await databases(server)).flatMap(({ name, marker }) =>
      marker?.state === 'swapping' && marker.of === database ? [{ name, run: marker.run }] : [],
    );
    for (const copy of half) await reopen(server, copy);
    return half.map(({ run }) => run);
  });
}

const allowConnections = (server: Client, database: string, allow: boolean) =>
  server.query(`ALTER DATABASE ${server.escapeIdentifier(database)} ALLOW_CONNECTIONS ${allow}`);
