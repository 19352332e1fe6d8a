import { totalmem } from 'node:os';
import { bytes } from '../../domain/units.js';
import { freeBytes } from '../disk.js';
import type { Client } from '../postgres/client.js';
import { connectionOf } from '../postgres/connection.js';
import { isLocal } from '../postgres/data-folder.js';
import { MOST_JOBS } from './pg-tools.js';

/** A restore beside writes the database, its indexes' sorts and its WAL: measured. */
const TIMES = 2.2;
/** Sessions of ours beside those of pg_restore. */
const OURS = 4;

interface Server {
  size: number;
  wal: number;
  folder: string | null;
  most: number;
  used: number;
}

// Where the data is may be asked by few; elsewhere than on this machine it would tell nothing.
const query = `
  SELECT coalesce((SELECT pg_database_size(oid) FROM pg_database WHERE datname = $1), 0)::float8 AS size,
    pg_size_bytes(current_setting('max_wal_size'))::float8 AS wal, coalesce((SELECT nullif(pg_tablespace_location(dattablespace), '') FROM pg_database WHERE datname = $1),
      current_setting('data_directory', true)) AS folder,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most,
    (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used`;

/**
 * Whether the server has room for one more database of that size, and for the sessions that fill it.
 *
 * @returns faults, which stop it, and hints: what cannot be known from here
 */
export async function roomFor(
  server: Client,
  url: string,
  { jobs = MOST_JOBS, atLeast = 0 }: { jobs?: number; atLeast?: number } = {},
): Promise<{ faults: string[]; hints: string[] }> {
  const { database } = connectionOf(url);
  const known = await serverOf(server, database);
  const faults: string[] = [];
  const hints: string[] = [];
  const free = isLocal(url) && known.folder ? await freeBytes(known.folder).catch(() => null) : null;
  const needed = TIMES * Math.max(known.size, atLeast) + known.wal;
  if (free === null)
    hints.push(`how much room the server's disk has is not known from here: ${bytes(needed)} are needed`);
  else if (free < needed)
    faults.push(
      `${bytes(free)} are free in ${known.folder}, and ${bytes(needed)} are needed: ${TIMES} times the database, and max_wal_size`,
    );
  const left = known.most - known.used;
  if (left < jobs + OURS)
    faults.push(
      `${left} of ${known.most} connections are free, and ${jobs + OURS} are needed: raise max_connections, or end some`,
    );
  return { faults, hints };
}

async function serverOf(server: Client, database: string): Promise<Server> {
  try {
    return (await server.query<Server>(query, [database])).rows[0]!;
  } catch {
    // data_directory is for pg_read_all_settings.
    const text = query.replace(`current_setting('data_directory', true)`, 'NULL');
    return (await server.query<Server>(text, [database])).rows[0]!;
  }
}

/**
 * How many sessions may restore at the same time: each builds indexes with its own memory, and all of it together
 * must stay below half of the machine's, or the system ends the server. Where the server is elsewhere this machine's
 * memory is taken for its.
 *
 * @param total - memory of the machine, in bytes
 */
export async function fittingJobs(server: Client, jobs: number, total = totalmem()): Promise<number> {
  const { rows } = await server.query<{ memory: number; workers: number }>(
    `SELECT pg_size_bytes(current_setting('maintenance_work_mem'))::float8 AS memory,
       current_setting('max_parallel_maintenance_workers')::int AS workers`,
  );
  const each = (rows[0]?.memory ?? 0) * (1 + (rows[0]?.workers ?? 0));
  return Math.max(1, Math.min(jobs, Math.floor(total / 2 / Math.max(1, each))));
}
