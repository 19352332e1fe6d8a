import { setTimeout as wait } from 'node:timers/promises';
import { backupBlocked } from '../../domain/problems/backup-locks.js';
import type { Client } from '../postgres/client.js';
import { codeOf } from '../postgres/failures.js';
import { type Table, tablesOf } from './tables.js';

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

const POLL_MS = 100;

/**
 * Waits until nobody holds, or waits for, a lock that reading must wait for: by looking, since whoever queued
 * behind us would wait, too.
 *
 * @returns who is in the way still, in words
 */
export async function waitForBlockers(
  client: Client,
  waitMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const until = performance.now() + waitMs;
  for (;;) {
    signal.throwIfAborted();
    const found = await blockersOf(client, await tablesOf(client));
    if (!found.length || performance.now() >= until) return found;
    await wait(POLL_MS);
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
    -- Databases of one server may have the same oids: a copy made of a template has all of its.
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  ORDER BY 1`;

/** @returns who is in the way, in words: pid, name, role, lock, table, since when, doing what */
export async function blockersOf(client: Client, tables: readonly Table[]): Promise<string[]> {
  // Within a transaction pg_stat_activity is as it was when it was first looked at.
  await client.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await client.query<{ words: string }>(blockersQuery, [tables.map(({ oid }) => oid)]);
  return rows.map(({ words }) => words);
}
