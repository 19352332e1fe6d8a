import { duration } from '../../domain/units.js';
import type { Client } from './client.js';

/** Version 12 brought it (https://www.postgresql.org/docs/current/progress-reporting.html). */
const builds = `
  SELECT phase, blocks_done::float8 AS done, blocks_total::float8 AS total,
    lockers_done::int AS "lockersDone", lockers_total::int AS lockers
  FROM pg_stat_progress_create_index WHERE pid = $1`;

/** How far the index that a session builds is, in words; null where it builds none. */
export async function progressOf(client: Client, pid: number): Promise<string | null> {
  const { rows } = await client.query<{
    phase: string;
    done: number;
    total: number;
    lockersDone: number;
    lockers: number;
  }>(builds, [pid]);
  const [row] = rows;
  if (!row) return null;
  const parts = row.total > 0 ? `, ${Math.floor((100 * row.done) / row.total)} %` : '';
  const lockers = row.lockers > 0 ? `, ${row.lockersDone} of ${row.lockers} transactions gone` : '';
  return `${row.phase}${parts}${lockers}`;
}

const sessions = `
  SELECT pid, usename AS user, nullif(application_name, '') AS application, state,
    (extract(epoch FROM clock_timestamp() - xact_start) * 1000)::float8 AS "transactionMs"
  FROM pg_stat_activity WHERE pid = ANY ($1::int[]) ORDER BY xact_start NULLS LAST LIMIT 5`;

/** Sessions in words, the oldest transaction first, such as `pid 4711 (user app, idle in transaction for 31.0 s)`. */
export async function sessionsOf(client: Client, pids: readonly number[]): Promise<string[]> {
  if (!pids.length) return [];
  const { rows } = await client.query<{
    pid: number;
    user: string | null;
    application: string | null;
    state: string | null;
    transactionMs: number | null;
  }>(sessions, [pids]);
  return rows.map(({ pid, user, application, state, transactionMs }) => {
    const since = transactionMs === null ? '' : ` for ${duration(transactionMs)}`;
    const known = [user && `user ${user}`, application, state && `${state}${since}`].filter(Boolean);
    return known.length ? `pid ${pid} (${known.join(', ')})` : `pid ${pid}`;
  });
}
