import { withClient } from '../adapters/postgres/client.js';
import { addressOf, connectionOf, isSocket } from '../adapters/postgres/connection.js';
import type { Forbidden } from '../adapters/alembic/migrate.js';
import { type Listening, listeningAt, reaches } from '../adapters/reaching.js';
import { rehearsalTooLarge, rehearsalTouched } from '../domain/problems/rehearsal-place.js';
import type { Target } from './home.js';
import { isSameHost } from './private-environment.js';
import { type Copy } from './rehearsal-copy.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';
import { GIB } from '../domain/units.js';

const LOOK_EVERY_MS = 100;
/** Looks between two questions to the server. */
const LOOKS = 20;

/** What is on a server's disk, its write-ahead log with it. For its superuser. */
const USED = `
  SELECT (SELECT sum(pg_database_size(oid)) FROM pg_database)::float8
    + (SELECT coalesce(sum(size), 0) FROM pg_ls_waldir())::float8 AS bytes`;

/**
 * Works on a copy, and ends that as soon as something that was started for it is connected to the live server, or the
 * copy takes more room than allowed.
 *
 * @param live - the target as it is, not on its copy
 * @throws Problem `rehearsal-touched-production`, `rehearsal-too-large`; what the work throws
 */
export async function watched<T>(
  live: Target,
  copy: Copy,
  work: Work,
  act: (work: Work) => Promise<T>,
): Promise<T> {
  if (!copy.server) return act(work);
  const stop = new AbortController();
  const pids = new Set<number>();
  const onTool = (pid: number) => {
    pids.add(pid);
    work.onTool?.(pid);
  };
  const look = looker(live, copy.server.url, pids, work.signal);
  let over = false;
  const watching = (async () => {
    for (let n = 0; !over; n += 1) {
      await look(n % LOOKS === 0).catch((error: unknown) => stop.abort(error));
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  })();
  try {
    const done = await act({ ...work, onTool, signal: AbortSignal.any([work.signal, stop.signal]) });
    // One that was seen in the very last moment.
    stop.signal.throwIfAborted();
    return done;
  } catch (error) {
    // What was cut off may say no more than that.
    stop.signal.throwIfAborted();
    throw error;
  } finally {
    over = true;
    await watching;
  }
}

/** @returns throws when something is not as it must be */
function looker(live: Target, serverUrl: string, pids: ReadonlySet<number>, signal: AbortSignal) {
  const connection = connectionOf(live.url());
  const allowed = (live.settings.rehearsal.limits.diskGiB ?? Infinity) * GIB;
  let listening: Promise<Listening> | undefined;
  return async (asks: boolean): Promise<void> => {
    if (!isSocket(connection)) {
      listening ??= listeningAt(connection.host, connection.port);
      if (await reaches(pids, await listening)) throw rehearsalTouched(addressOf(connection));
    }
    if (!asks || allowed === Infinity) return;
    const used = await usedBytes(live, serverUrl, signal).catch(() => 0);
    if (used > allowed) throw rehearsalTooLarge('diskGiB', used, allowed);
  };
}

async function usedBytes(live: Target, url: string, signal: AbortSignal): Promise<number> {
  const session = { applicationName: sessionName(live.name, 'look'), signal };
  const { rows } = await withClient(url, session, (client) => client.query<{ bytes: number }>(USED));
  return rows[0]?.bytes ?? 0;
}

/** The server that nothing in a rehearsal on a private one may connect to. */
export async function forbiddenOf(live: Target, copy: Copy): Promise<Forbidden | undefined> {
  if (!copy.server) return undefined;
  const connection = connectionOf(live.url());
  if (isSocket(connection)) return { hosts: LOCAL, port: connection.port, local: true };
  const { names, port } = await listeningAt(connection.host, connection.port);
  const local =
    LOCAL.some((name) => isSameHost(name, connection.host)) || names.some((name) => LOCAL.includes(name));
  return { hosts: local ? [...new Set([...names, ...LOCAL])] : names, port, local };
}

const LOCAL = ['localhost', '127.0.0.1', '::1'];
