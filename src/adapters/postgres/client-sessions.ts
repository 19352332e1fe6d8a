import { others } from '../closure/sessions.js';
import type { Client } from './client.js';

/** A session of an application, or of a tool of people; not one of ours. */
export interface ClientSession {
  pid: number;
  applicationName: string;
  role: string;
  /** null: by a socket file. */
  address: string | null;
  /** At that address. */
  port: number | null;
  /** When it was opened: ISO 8601, UTC. */
  since: string;
  /** `idle` is a connection that a pool keeps. */
  state: string;
  /** Opened before the time that was asked about. */
  isOlder: boolean;
}

export interface ClientSessions {
  sessions: readonly ClientSession[];
  /** Roles whose sessions are not shown to ours. */
  hidden: readonly string[];
  /** Of our own session, as the server sees it. */
  ownAddress: string | null;
  ownRole: string;
}

const query = `
  SELECT pid, application_name AS "applicationName", coalesce(usename, '') AS role, host(client_addr) AS address,
    CASE WHEN client_addr IS NOT NULL THEN client_port END AS port,
    to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS since,
    coalesce(state, '') AS state, backend_start < $1::timestamptz AS "isOlder"
  FROM pg_stat_activity WHERE ${others} AND backend_type = 'client backend' ORDER BY backend_start, pid`;

// Of a session that it may not see a role is told the names only.
const hiddenQuery = `
  SELECT DISTINCT usename AS role FROM pg_stat_activity
  WHERE ${others} AND backend_type IS NULL AND usename IS NOT NULL ORDER BY 1`;

/**
 * Who is connected to this database, by clients.
 *
 * @param before - ISO 8601, by the clock of this host
 */
export async function clientSessions(client: Client, before: string): Promise<ClientSessions> {
  const asked = Date.now();
  const own = await client.query<{ ms: string; role: string; address: string | null }>(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS ms, current_user AS role,
       host(inet_client_addr()) AS address`,
  );
  const { ms = '0', role: ownRole = '', address: ownAddress = null } = own.rows[0] ?? {};
  const serverAhead = Number(ms) - (asked + Date.now()) / 2;
  const onServer = new Date(Date.parse(before) + serverAhead).toISOString();
  const { rows: sessions } = await client.query<ClientSession>(query, [onServer]);
  const { rows } = await client.query<{ role: string }>(hiddenQuery);
  return { sessions, hidden: rows.map(({ role }) => role), ownAddress, ownRole };
}
