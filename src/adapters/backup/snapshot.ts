import { tablesKeepChanging, tooManyLocks } from '../../domain/problems/backup-locks.js';
import type { Client } from '../postgres/client.js';
import { codeOf } from '../postgres/failures.js';
import { type Table, tablesOf } from './tables.js';

/** A moment of the database that other sessions can read, too, with every table held as it is. */
export interface Snapshot {
  /** As PostgreSQL names it. */
  id: string;
  /** ISO 8601, by the clock of the database. */
  at: string;
  /** Where the write-ahead log was. */
  lsn: string;
  tables: readonly Table[];
  /**
   * The last value of each that was used. They are outside of every snapshot: read here, before any dump of it
   * begins, they are never ahead of what the dump will read.
   */
  sequences: Readonly<Record<string, string>>;
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
      const { rows } = await client.query<Pick<Snapshot, 'id' | 'at' | 'lsn'>>(`
        SELECT pg_export_snapshot() AS id, (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
            ELSE pg_current_wal_lsn() END)::text AS lsn,
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
