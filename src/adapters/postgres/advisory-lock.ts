import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from './client.js';

/**
 * Whoever changes a database holds this lock in the session that changes it: `LOCK` and `KEEP` in ASCII.
 * An orphan keeps it as long as it lives. The bridge to Alembic takes the same one.
 */
export const changeLock = [1280262987, 1262830928] as const;

/** Whoever backs up a database holds this one: `LOCK` and `BACK` in ASCII. */
export const backupLock = [1280262987, 1111573323] as const;

type Lock = readonly [number, number];

/** Who changes this database at the moment. */
export interface LockHolder {
  pid: number;
  applicationName: string;
}

// Advisory locks with two keys are found by objsubid 2.
const held = `
  SELECT l.pid, coalesce(a.application_name, '') AS "applicationName"
  FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
  WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.classid::int8 = $1 AND l.objid::int8 = $2`;

/** A condition of SQL: nobody changes this database. */
export const isUnchanging = `NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::int8 = ${changeLock[0]} AND objid::int8 = ${changeLock[1]})`;

/** @returns the session that holds the lock in this database; undefined when nobody does */
export async function lockHolder(client: Client, lock: Lock = changeLock): Promise<LockHolder | undefined> {
  return (await client.query<LockHolder>(held, [...lock])).rows[0];
}

const POLL_MS = 100;

/**
 * Takes the lock for this session, by asking again and again: a session that waits in pg_advisory_lock holds
 * a snapshot meanwhile, and CREATE INDEX CONCURRENTLY of the lock's holder would wait for it for ever.
 *
 * @param options.waitMs - how long to ask; default: once
 * @returns whether it was taken
 */
export async function tryAdvisoryLock(
  client: Client,
  { waitMs = 0, signal, lock = changeLock }: { waitMs?: number; signal?: AbortSignal; lock?: Lock } = {},
): Promise<boolean> {
  const until = performance.now() + waitMs;
  for (;;) {
    signal?.throwIfAborted();
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS got', [
      ...lock,
    ]);
    if (rows[0]?.got) return true;
    if (performance.now() >= until) return false;
    await wait(POLL_MS);
  }
}

/** Gives the lock back. @returns false when this session did not hold it */
export async function unlock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ done: boolean }>('SELECT pg_advisory_unlock($1, $2) AS done', [
    ...changeLock,
  ]);
  return rows[0]?.done ?? false;
}
