import type { LockWait, ProgressNow, Sample, SessionNow } from '../../domain/live.js';
import type { Client } from './client.js';
import { progressSql, type ProgressRow, progressOf } from './progress.js';

const oneLine = (column: string): string => `left(regexp_replace(${column}, '\\s+', ' ', 'g'), 200)`;
const since = (time: string): string => `(extract(epoch FROM clock_timestamp() - ${time}) * 1000)::float8`;
/** `AccessExclusiveLock` as SQL says it: `ACCESS EXCLUSIVE`. */
const MODE = `upper(regexp_replace(replace(l.mode, 'Lock', ''), '([a-z])([A-Z])', '\\1 \\2', 'g'))`;

// Of a session that it may not look into, a role sees neither its state nor its kind.
const sessionsQuery = `
  SELECT pid, usename AS "user", coalesce(application_name, '') AS application, state,
    CASE WHEN state = 'active' THEN wait_event_type || ': ' || wait_event END AS waits,
    ${since('query_start')} AS "queryMs", ${since('xact_start')} AS "transactionMs", ${oneLine('query')} AS query
  FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND (state <> 'idle' OR backend_type IS NULL)
  ORDER BY xact_start NULLS LAST, pid LIMIT 100`;

// Version 14 brought waitstart, and writes it a moment after the wait has begun.
const waitsQuery = `
  SELECT l.pid, coalesce(a.application_name, '') AS application, ${MODE} AS lock,
    coalesce(l.relation::regclass::text, l.locktype) AS "on",
    coalesce(${since(`coalesce((to_jsonb(l) ->> 'waitstart')::timestamptz, a.query_start)`)}, 0) AS "waitedMs",
    coalesce(a.backend_type, 'client backend') = 'client backend' AS client,
    pg_blocking_pids(l.pid) AS "blockedBy", ${oneLine('a.query')} AS query
  FROM pg_locks l JOIN pg_stat_activity a USING (pid)
  WHERE NOT l.granted AND a.datname = current_database() AND l.pid <> pg_backend_pid()
  ORDER BY "waitedMs" DESC, l.pid LIMIT 100`;

// Those that keep readers or writers waiting, of relations that others can see already.
const heldQuery = `
  SELECT DISTINCT ${MODE} || ' on ' || c.oid::regclass AS held
  FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation
  WHERE l.granted AND starts_with(a.application_name, $1) AND a.datname = current_database()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    AND c.relkind IN ('r', 'p', 'm', 'v', 'f') AND c.relnamespace <> 'pg_catalog'::regnamespace
  ORDER BY 1 LIMIT 20`;

const walQuery = `
  SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8 END AS wal,
    (SELECT (min(replay_lsn) - '0/0'::pg_lsn)::float8 FROM pg_stat_replication WHERE state = 'streaming') AS replayed`;

/** How long the server may take to answer one question: whoever watches must not wait for what it watches. */
const ANSWER_MS = 5_000;

/** Looks at a database again and again, over one session. */
export interface Watcher {
  /** @param name - how the application names of our sessions begin */
  sample(name: string): Promise<Sample>;
}

/** @throws what `client.query` throws */
export async function watcherOf(client: Client): Promise<Watcher> {
  await client.query(`SET statement_timeout = ${ANSWER_MS}`);
  const progress = await progressSql(client);
  const rows = async <R extends object>(sql: string, values: readonly unknown[] = []): Promise<R[]> =>
    (await client.query<R>(sql, [...values])).rows;
  return {
    async sample(name) {
      const sessions = await rows<SessionNow>(sessionsQuery);
      const waits = await rows<LockWait>(waitsQuery);
      const held = await rows<{ held: string }>(heldQuery, [name]);
      const told = progress ? await rows<ProgressRow>(progress) : [];
      const [wal] = await rows<{ wal: number | null; replayed: number | null }>(walQuery);
      return {
        ...{ sessions, waits, held: held.map((each) => each.held) },
        progress: told.map((row): ProgressNow => progressOf(row)),
        ...{ walBytes: wal?.wal ?? null, replayedBytes: wal?.replayed ?? null },
      };
    },
  };
}
