import type { Client } from './client.js';

/** Which database this is: enough to tell it from a copy of the same name. */
export interface Identity {
  /** Of the cluster, made by initdb; null where the role may not ask. */
  systemId: string | null;
  database: string;
  oid: number;
  /** When the server started, in UTC: it changes with every restart and failover. */
  startedAt: string;
  /** Such as `18.6`. */
  version: string;
  /** Such as 18. */
  major: number;
}

const query = `
  SELECT current_database() AS database, d.oid::int8::float8 AS oid,
    to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "startedAt",
    split_part(current_setting('server_version'), ' ', 1) AS version,
    current_setting('server_version_num')::int / 10000 AS major,
    has_function_privilege('pg_control_system()', 'EXECUTE') AS "mayAsk"
  FROM pg_database d WHERE d.datname = current_database()`;

export async function identity(client: Client): Promise<Identity> {
  const { rows } = await client.query<Omit<Identity, 'systemId'> & { mayAsk: boolean }>(query);
  const [row] = rows;
  if (!row) throw new Error('pg_database does not have the current database');
  const { mayAsk, ...known } = row;
  return { ...known, systemId: mayAsk ? await systemIdOf(client) : null };
}

async function systemIdOf(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT system_identifier::text AS id FROM pg_control_system()',
  );
  return rows[0]?.id ?? null;
}
