import type { ThrottleLimits } from '../../domain/backfill/definition.js';
import type { Pressure } from '../../domain/backfill/pace.js';
import type { Rates } from '../../domain/live.js';
import { Rater } from '../../domain/rates.js';
import { bytes, duration } from '../../domain/units.js';
import type { Client } from '../postgres/client.js';

const sampleQuery = `
  WITH RECURSIVE tree AS (
    SELECT $1::int8::oid AS relid UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.relid)
  SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
      AND backend_type = 'client backend' AND NOT starts_with(application_name, $2)) AS active,
    CASE WHEN pg_is_in_recovery() THEN NULL ELSE (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8 END AS "walBytes",
    (SELECT (min(replay_lsn) - '0/0'::pg_lsn)::float8 FROM pg_stat_replication WHERE state = 'streaming')
      AS "replayedBytes",
    sum(s.n_dead_tup)::float8 AS dead, sum(s.n_live_tup)::float8 AS live,
    max(s.n_dead_tup / (current_setting('autovacuum_vacuum_threshold')::float8
      + current_setting('autovacuum_vacuum_scale_factor')::float8 * greatest(c.reltuples, 0)))::float8 AS behind
  FROM tree JOIN pg_stat_all_tables s USING (relid) JOIN pg_class c ON c.oid = tree.relid`;

/** What the server says of itself, once. */
export interface ServerSample {
  active: number;
  walBytes: number | null;
  replayedBytes: number | null;
  dead: number;
  live: number;
  /** Dead rows, in multiples of what starts an autovacuum. */
  behind: number;
}

/** Asks a server again and again how near it is to its limits. */
export class ServerSignals {
  readonly #rater = new Rater();
  #looks = 0;

  /** @param ours - how the application names of our own sessions begin */
  constructor(
    private readonly client: Client,
    private readonly oid: number,
    private readonly ours: string,
    private readonly limits: ThrottleLimits,
  ) {}

  /** Whether all that has a limit was seen: how fast the log grows only a second look tells. */
  get isKnown(): boolean {
    return this.#looks > (this.limits.walMiBPerSecond === null ? 0 : 1);
  }

  async pressures(now: number): Promise<Pressure[]> {
    const { rows } = await this.client.query<ServerSample>(sampleQuery, [this.oid, this.ours]);
    this.#looks += 1;
    return rows[0] ? serverPressures(rows[0], this.#rater.take(rows[0], now), this.limits) : [];
  }
}

/** What of a sample has a limit, and how near it is. */
export function serverPressures(sample: ServerSample, rates: Rates, limits: ThrottleLimits): Pressure[] {
  const { active, dead, live, behind } = sample;
  const deadPercent = (100 * dead) / Math.max(1, live);
  const wal = limits.walMiBPerSecond === null ? null : limits.walMiBPerSecond * MIB;
  return [
    ...pressure(rates.lagMs, limits.lagMs, (n) => `replication lag ${duration(n)}`, duration),
    ...pressure(
      rates.walBytesPerSecond,
      wal,
      (n) => `WAL ${bytes(n)}/s`,
      (n) => `${bytes(n)}/s`,
    ),
    ...pressure(active, limits.activeSessions, (n) => `${n} active sessions`, String),
    ...pressure(
      deadPercent,
      limits.deadPercent,
      (n) => `${n.toFixed(0)} % dead rows`,
      (n) => `${n} %`,
    ),
    ...pressure(
      behind,
      limits.autovacuumBehind,
      (n) => `autovacuum ${n.toFixed(1)} times behind`,
      (n) => `${n} times`,
    ),
  ];
}

const MIB = 1024 * 1024;

/** None where it is not known, or has no limit. */
export function pressure(
  value: number | null,
  limit: number | null,
  says: (value: number) => string,
  limitSays: (limit: number) => string,
): Pressure[] {
  if (value === null || limit === null) return [];
  return [{ ratio: value / limit, says: `${says(value)}, limit ${limitSays(limit)}` }];
}
