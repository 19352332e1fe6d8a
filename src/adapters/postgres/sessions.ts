import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from './client.js';

/** A session of another process on this database. */
export interface Session {
  pid: number;
  applicationName: string;
  state: string | null;
  /** Start of its last query: ISO 8601, UTC. */
  queryStart: string | null;
  /** Its last query, shortened; what the role may not see is not there. */
  query: string;
}

const named = `
  SELECT pid, application_name AS "applicationName", state,
    to_char(query_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "queryStart",
    left(regexp_replace(coalesce(query, ''), '\\s+', ' ', 'g'), 120) AS query
  FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND starts_with(application_name, $1)
  ORDER BY pid`;

/** @returns sessions on this database, other than the client's own, whose name begins with `prefix` */
export async function sessionsNamed(client: Client, prefix: string): Promise<Session[]> {
  return (await client.query<Session>(named, [prefix])).rows;
}

const POLL_MS = 50;

/**
 * Ends the sessions whose name begins with `prefix`, and waits until they are gone: what an earlier attempt
 * left running must not go on beside this one.
 *
 * @param prefix - never empty: it would end everybody's sessions
 * @returns those that were still there after `waitMs`
 */
export async function endSessions(
  client: Client,
  prefix: string,
  { waitMs }: { waitMs: number },
): Promise<Session[]> {
  if (!prefix) throw new Error('endSessions needs a prefix');
  const until = performance.now() + waitMs;
  for (;;) {
    const left = await sessionsNamed(client, prefix);
    if (left.length === 0) return left;
    for (const { pid } of left) await end(client, pid);
    if (performance.now() >= until) return sessionsNamed(client, prefix);
    await wait(POLL_MS);
  }
}

/** One by one: a session of another role that may not be ended must not spare the rest. */
async function end(client: Client, pid: number): Promise<void> {
  await client.query('SELECT pg_terminate_backend($1)', [pid]).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error;
  });
}
