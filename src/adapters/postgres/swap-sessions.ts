import { setTimeout as wait } from 'node:timers/promises';
import { sessionsStay, swapObstructed } from '../../domain/problems/restore.js';
import type { Client } from './client.js';
import { codeOf } from './failures.js';

/** Nobody is answered meanwhile. */
const POLL_MS = 10;

/**
 * Ends all sessions on a database, and waits until they are gone.
 *
 * @param options.except - a session that may stay
 * @throws Problem `sessions-stay` (retried)
 */
export async function endAllSessions(
  server: Client,
  database: string,
  { except = 0, waitMs = 10_000 }: { except?: number; waitMs?: number } = {},
): Promise<void> {
  const until = performance.now() + waitMs;
  for (;;) {
    const { rows } = await server.query<{ pid: number }>(
      'SELECT pid FROM pg_stat_activity WHERE datname = $1 AND pid <> $2',
      [database, except],
    );
    if (!rows.length) return;
    if (performance.now() >= until)
      throw sessionsStay(
        database,
        rows.map(({ pid }) => pid),
      );
    await terminate(
      server,
      rows.map(({ pid }) => pid),
    );
    await wait(POLL_MS);
  }
}

async function terminate(server: Client, pids: readonly number[]): Promise<void> {
  const notOurs = (error: unknown) => {
    if (codeOf(error) !== '42501') throw error;
    return error;
  };
  const refused = await server
    .query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [pids])
    .then(() => undefined, notOurs);
  // One by one: a session of a superuser, which we may not end, must not spare the rest.
  if (refused)
    for (const pid of pids) await server.query('SELECT pg_terminate_backend($1)', [pid]).catch(notOurs);
}

const holdersQuery = `
  SELECT format('pid %s, %s (role %s), connected to %s', a.pid, coalesce(nullif(a.application_name, ''),
    'without a name'), a.usename, a.datname) AS words
  FROM pg_locks l JOIN pg_stat_activity a USING (pid)
  WHERE l.locktype = 'object' AND l.classid = 'pg_database'::regclass AND l.objid = ANY ($1::oid[])
    AND l.granted AND l.pid <> pg_backend_pid()
  ORDER BY a.pid`;

/** @returns who keeps databases from being renamed, in words: often somebody who is connected elsewhere */
export const holdersOf = async (server: Client, oids: readonly number[]): Promise<string[]> =>
  (await server.query<{ words: string }>(holdersQuery, [oids])).rows.map(({ words }) => words);

const obstacleQueries = [
  `SELECT format('prepared transaction %s of %s', gid, owner) AS words FROM pg_prepared_xacts WHERE database = $1`,
  `SELECT format('replication slot %s', slot_name) AS words FROM pg_replication_slots WHERE database = $1`,
  `SELECT format('subscription %s', subname) AS words FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
   WHERE d.datname = $1`,
];

/**
 * Looks for what hangs on the database and would stay with the old one: nobody would notice for days.
 *
 * @throws Problem `swap-obstructed`
 */
export async function refuseObstacles(server: Client, database: string): Promise<void> {
  const found = await obstaclesOf(server, database);
  if (found.length) throw swapObstructed(database, found);
}

/** @returns the same in words, for who asks long before */
export async function obstaclesOf(server: Client, database: string): Promise<string[]> {
  const found: string[] = [];
  for (const query of obstacleQueries) {
    const { rows } = await server.query<{ words: string }>(query, [database]);
    found.push(...rows.map(({ words }) => words));
  }
  return found;
}
