import type { Holder } from '../../domain/blocked.js';
import { lockModes, type LockMode } from '../../domain/plan.js';
import { masked } from '../alembic/messages.js';
import type { Client } from './client.js';

/** A lock that is wanted on a relation, by name or by oid, and the modes that keep it waiting. */
export interface LockQuestion {
  /** As to_regclass() takes it. */
  name: string;
  /** Where it is known by its oid alone, or better than by its name. */
  oid?: number;
  lock: LockMode;
  waitsFor: readonly LockMode[];
}

/** Somebody who has, or was first to queue for, a lock that is in the way. */
export interface HolderSeen extends Holder {
  /** Names its transaction: another one of the same session has another. */
  transaction: string;
  /** The relation, and the lock on it that is wanted. */
  relation: string;
  wanted: LockMode;
  /** It waits for that lock itself. */
  queues: boolean;
  /** It waits for one of those who ask: it will not be gone before they let go. */
  waitsForUs: boolean;
  /** `ordinary` ones give way to who cancels them; what prevents wraparound must not be stopped. */
  autovacuum?: 'ordinary' | 'against wraparound';
}

/** `AccessShareLock` of pg_locks and ACCESS SHARE of the manual are one. */
const nameInServer = (mode: LockMode): string =>
  `${mode
    .split(' ')
    .map((word) => word[0] + word.slice(1).toLowerCase())
    .join('')}Lock`;
const modesByName = new Map(lockModes.map((mode) => [nameInServer(mode), mode]));

/** Cut only once its passwords are masked. */
const QUERY_CHARS = 200;

/**
 * The first rows are those of the oldest transactions; of what a role may not see there is null. A prepared transaction
 * is found by the lock on its own id: its virtual one is another after a restart.
 */
const holders = `
  WITH locks AS (SELECT * FROM pg_locks)
  SELECT w.name AS relation, w.lock AS wanted, coalesce(l.pid, 0) AS pid, l.virtualtransaction AS transaction,
    l.mode AS "modeName", NOT l.granted AS queues,
    EXISTS (SELECT FROM locks q WHERE q.pid = l.pid AND NOT q.granted) AND pg_blocking_pids(l.pid) && $5::int[] AS "waitsForUs",
    coalesce(to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '') AS "backendStart",
    a.usename AS user, nullif(a.application_name, '') AS application, a.state, a.backend_type AS type,
    (extract(epoch FROM clock_timestamp() - coalesce(p.prepared, a.xact_start)) * 1000)::float8 AS "transactionMs",
    left(regexp_replace(a.query, '\\s+', ' ', 'g'), 1000) AS query, p.gid AS prepared
  FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[]) AS w(name, lock, "waitsFor", known)
  JOIN locks l ON l.locktype = 'relation' AND l.relation = coalesce(w.known::oid, to_regclass(w.name)::oid)
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.mode = ANY (string_to_array(w."waitsFor", ','))
  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
  LEFT JOIN locks x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid'
    AND x.virtualtransaction = l.virtualtransaction
  LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
  WHERE l.pid IS NULL OR l.pid <> ALL ($5::int[])
  ORDER BY coalesce(p.prepared, a.xact_start) NULLS LAST, l.pid LIMIT 200`;

interface Row extends Omit<HolderSeen, 'mode' | 'autovacuum' | 'prepared'> {
  modeName: string;
  type: string | null;
  prepared: string | null;
}

/**
 * Who has locks that would keep these waiting. One query, which waits for nobody. Relations that are not there for
 * others yet have none.
 *
 * @param ours - pids of the sessions that ask for the locks
 */
export async function holdersInTheWay(
  client: Client,
  wanted: readonly LockQuestion[],
  ours: readonly number[],
): Promise<HolderSeen[]> {
  const { rows } = await client.query<Row>({
    name: 'lockkeeper_holders',
    text: holders,
    values: [
      wanted.map(({ name }) => name),
      wanted.map(({ lock }) => lock),
      wanted.map(({ waitsFor }) => waitsFor.map(nameInServer).join()),
      wanted.map(({ oid }) => oid ?? null),
      ours,
    ],
  });
  return rows.map(({ modeName, type, prepared, ...row }) => ({
    ...row,
    query: row.query === null ? null : masked(row.query).slice(0, QUERY_CHARS),
    mode: modesByName.get(modeName) ?? 'ACCESS SHARE',
    ...(prepared === null ? {} : { prepared }),
    ...(type === 'autovacuum worker'
      ? { autovacuum: row.query?.includes('to prevent wraparound') ? 'against wraparound' : 'ordinary' }
      : {}),
  }));
}

/** What a session waits for right now, and for whom. */
export interface LockWait {
  /** Null where it waits for a row or a transaction. */
  relation: { oid: number; name: string; lock: LockMode } | null;
  blockers: readonly number[];
}

const waiting = `
  SELECT l.relation::int8::float8 AS oid, l.relation::regclass::text AS name, l.mode, l.locktype AS type,
    pg_blocking_pids(l.pid) AS blockers
  FROM pg_locks l WHERE l.pid = $1 AND NOT l.granted LIMIT 1`;

/** @returns undefined when the session waits for no lock */
export async function waitOf(client: Client, pid: number): Promise<LockWait | undefined> {
  const { rows } = await client.query<{
    oid: number | null;
    name: string | null;
    mode: string;
    type: string;
    blockers: number[];
  }>(waiting, [pid]);
  const [row] = rows;
  if (!row) return undefined;
  const lock = modesByName.get(row.mode);
  const relation =
    row.type === 'relation' && row.oid !== null && lock
      ? { oid: row.oid, name: row.name ?? String(row.oid), lock }
      : null;
  return { relation, blockers: row.blockers };
}
