import { backupBlocked, tablesKeepChanging, tooManyLocks } from '../../domain/problems/backup.js';
import type { Client } from '../postgres/client.js';
import { codeOf } from '../postgres/failures.js';

/** A moment of the database that other sessions can read, too, with every table held as it is. */
export interface Snapshot {
  /** As PostgreSQL names it. */
  id: string;
  /** ISO 8601, by the clock of the database. */
  at: string;
  tables: readonly Table[];
  /**
   * The last value of each that was used. They are outside of every snapshot: read here, before any dump of it
   * begins, they are never ahead of what the dump will read.
   */
  sequences: Readonly<Record<string, string>>;
}

export interface Table {
  oid: number;
  /** `schema.table`, quoted where SQL needs it. */
  name: string;
  /** A partitioned table has no rows of its own. */
  partitioned: boolean;
}

const TRIES = 5;

/**
 * Locks every table (ACCESS SHARE: only what would rewrite, empty or drop it must wait), and exports a snapshot
 * after that. The order matters: TRUNCATE and rewriting ALTER TABLE are not bound to snapshots, and pg_dump,
 * which takes its snapshot first, writes an empty table and exits with 0 when one gets between
 * (https://www.postgresql.org/docs/current/mvcc-caveats.html). LOCK does not fix the snapshot yet.
 *
 * The transaction is left open: the snapshot and the locks live as long as it does.
 *
 * @throws Problem `tables-keep-changing` (retried), `too-many-locks`; a lock_timeout is the caller's: `givingWay`
 */
export async function takeSnapshot(client: Client): Promise<Snapshot> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const listed = await tablesOf(client);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    if (await lock(client, listed)) {
      const { rows } = await client.query<{ id: string; at: string }>(`
        SELECT pg_export_snapshot() AS id,
          to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at`);
      const tables = await tablesOf(client);
      if (rows[0] && same(listed, tables))
        return { ...rows[0], tables, sequences: await sequencesOf(client) };
    }
    await client.query('ROLLBACK');
  }
  throw tablesKeepChanging(TRIES);
}

const same = (a: readonly Table[], b: readonly Table[]): boolean => JSON.stringify(a) === JSON.stringify(b);

// Tables of extensions are theirs: pg_dump writes the extension's name, and of their rows only settings.
const tablesQuery = `
  SELECT c.oid::int8::float8 AS oid, format('%I.%I', n.nspname, c.relname) AS name,
    c.relkind = 'p' AS partitioned
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
  ORDER BY c.oid`;

const tablesOf = async (client: Client): Promise<Table[]> => (await client.query<Table>(tablesQuery)).rows;

async function sequencesOf(client: Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; value: string }>(`
    SELECT format('%I.%I', schemaname, sequencename) AS name, last_value::text AS value
    FROM pg_sequences WHERE last_value IS NOT NULL ORDER BY 1`);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** @returns false when a table is not there any more */
async function lock(client: Client, tables: readonly Table[]): Promise<boolean> {
  if (!tables.length) return true;
  const names = tables.map(({ name }) => `ONLY ${name}`).join(', ');
  try {
    await client.query(`LOCK TABLE ${names} IN ACCESS SHARE MODE`);
    return true;
  } catch (error) {
    const code = codeOf(error);
    // A table, or its schema, was dropped or renamed since we looked.
    if (code === '42P01' || code === '3F000') return false;
    if (code === '53200') throw tooManyLocks(tables.length, (error as Error).message);
    throw error;
  }
}

/**
 * Does what may have to wait for locks, and gives way when one takes too long: whoever waits behind us waits
 * as long as we do. Even the size of a table is told under a lock.
 *
 * @throws Problem `backup-blocked` (retried)
 */
export async function givingWay<T>(
  client: Client,
  lockTimeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  await client.query(`SET lock_timeout = ${lockTimeoutMs}`);
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) !== '55P03') throw error;
    await client.query('ROLLBACK');
    throw backupBlocked(lockTimeoutMs, await blockersOf(client, await tablesOf(client)));
  }
}

// Only ACCESS EXCLUSIVE is in the way of ACCESS SHARE, held or waited for.
const blockersQuery = `
  SELECT DISTINCT format('pid %s%s of %s, %s %s of %s, for %s s: %s', l.pid,
    coalesce(' (' || nullif(a.application_name, '') || ')', ''), a.usename,
    CASE WHEN l.granted THEN 'holds a lock' ELSE 'waits for a lock' END, l.mode, l.relation::regclass,
    round(extract(epoch FROM clock_timestamp() - a.xact_start)),
    left(regexp_replace(coalesce(a.query, ''), '\\s+', ' ', 'g'), 80)) AS words
  FROM pg_locks l JOIN pg_stat_activity a USING (pid)
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
    AND l.relation = ANY ($1::oid[])
  ORDER BY 1`;

/** @returns who is in the way, in words: pid, name, role, lock, table, since when, doing what */
export async function blockersOf(client: Client, tables: readonly Table[]): Promise<string[]> {
  // Within a transaction pg_stat_activity is as it was when it was first looked at.
  await client.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await client.query<{ words: string }>(blockersQuery, [tables.map(({ oid }) => oid)]);
  return rows.map(({ words }) => words);
}
