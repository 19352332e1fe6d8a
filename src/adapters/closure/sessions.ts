import type { Client } from '../postgres/client.js';
import { duration } from '../../domain/units.js';

/** Somebody else on this database who may write, or a transaction that was prepared and waits for its end. */
export interface Busy {
  /** null: a prepared transaction. */
  pid: number | null;
  applicationName: string;
  role: string;
  state: string;
  /** Milliseconds since its transaction began. */
  ageMs: number;
  /** Ending it is not ours: a session of another superuser, or a prepared transaction. */
  spared: boolean;
}

/**
 * Whoever may write: not us (`lockkeeper:`, by application name), not the server's own helpers (autovacuum, a
 * parallel worker beside its leader, a sender of the log). Workers of extensions (pg_cron) and of logical
 * replication do count.
 */
export const others = `
  datname = current_database() AND pid <> pg_backend_pid()
  AND coalesce(backend_type, '') NOT IN ('autovacuum worker', 'parallel worker', 'walsender')
  AND application_name NOT LIKE 'lockkeeper:%'`;

/**
 * Busy is who is in a transaction that began before the moment $1, has written (has a transaction id), or
 * keeps a transaction open between statements. A query of a monitor that began later is none of these; should
 * it write all the same, the counters tell. Idle connections of a pool may stay.
 */
const busyQuery = `
  SELECT pid, application_name AS "applicationName", coalesce(usename, '') AS role, state,
    (extract(epoch FROM clock_timestamp() - xact_start) * 1000)::float8 AS "ageMs",
    coalesce((SELECT rolsuper FROM pg_roles WHERE oid = usesysid), true) AND usename IS DISTINCT FROM current_user
      AS spared
  FROM pg_stat_activity
  WHERE ${others} AND xact_start IS NOT NULL
    AND (xact_start < $1::timestamptz OR backend_xid IS NOT NULL OR state LIKE 'idle in transaction%')
  UNION ALL
  SELECT NULL, gid, owner::text, 'prepared transaction',
    (extract(epoch FROM clock_timestamp() - prepared) * 1000)::float8, true
  FROM pg_prepared_xacts WHERE database = current_database()
  ORDER BY pid`;

/** @param since - the server's time, as `serverTime` gave it */
export const busySessions = async (client: Client, since: string): Promise<Busy[]> =>
  (await client.query<Busy>(busyQuery, [since])).rows;

export async function serverTime(client: Client): Promise<string> {
  const { rows } = await client.query<{ now: string }>('SELECT clock_timestamp()::text AS now');
  return rows[0]?.now ?? '';
}

// Of a session that it may not see a role is told the name only.
const hiddenQuery = `
  SELECT current_user AS role,
    (SELECT count(*) FROM pg_stat_activity WHERE ${others} AND backend_type IS NULL AND usesysid IS NOT NULL)::int
      AS hidden,
    (SELECT count(*) FROM pg_stat_activity WHERE ${others} AND state = 'disabled')::int AS untracked,
    current_setting('track_counts')::bool AS counts`;

/** Why what others do cannot be seen, and for which role; null when it can. */
export async function whySessionsHidden(client: Client): Promise<{ role: string; why: string } | null> {
  const { rows } = await client.query<{ role: string; hidden: number; untracked: number; counts: boolean }>(
    hiddenQuery,
  );
  const { role = '', hidden = 0, untracked = 0, counts = false } = rows[0] ?? {};
  if (hidden) return { role, why: `the state of ${hidden} of the sessions is not shown to it` };
  if (untracked) return { role, why: `track_activities is off in ${untracked} of the sessions` };
  return counts ? null : { role, why: 'track_counts is off' };
}

/** Who is connected, for people: each name with its role, once. */
export async function connectedNames(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ who: string }>(
    `SELECT format('%s (role %s, %s)', coalesce(nullif(application_name, ''), backend_type), usename, count(*)) AS who
     FROM pg_stat_activity WHERE ${others} GROUP BY application_name, backend_type, usename ORDER BY 1 LIMIT 20`,
  );
  return rows.map(({ who }) => who);
}

/** Ends one session. One that may not be ended by this role is left: it is found again, and named. */
export async function endSession(client: Client, pid: number): Promise<void> {
  await client.query('SELECT pg_terminate_backend($1)', [pid]).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error;
  });
}

/** For people. Never what it runs: a query may hold what users wrote. */
export const busyText = ({ pid, applicationName, role, state, ageMs }: Busy): string =>
  `${pid === null ? '' : `pid ${pid}, `}${applicationName || 'without a name'} (role ${role}), ` +
  `${state} for ${duration(ageMs)}`;
