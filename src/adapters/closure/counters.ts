import type { TableCounters, WriteCounters } from '../../domain/writes.js';
import type { Client } from '../postgres/client.js';
import { others } from './sessions.js';

export type { WriteCounters } from '../../domain/writes.js';

/** A session reports its counts at the latest when it has been idle for ten seconds (PostgreSQL 15 and later). */
export const REPORT_MS = 10_500;

// Temporary tables hold nothing that can be lost; our own schemas are written by us.
const tablesQuery = `
  SELECT format('%I.%I', s.schemaname, s.relname) AS name, ARRAY[
    s.n_tup_ins, s.n_tup_upd, s.n_tup_del, pg_relation_filenode(s.relid)::int8]::float8[] AS counters
  FROM pg_stat_all_tables s JOIN pg_class c ON c.oid = s.relid
  WHERE c.relpersistence <> 't' AND c.relkind <> 'p'
    AND (s.schemaname !~ '^(pg_|information_schema$|lockkeeper)' OR s.relname = 'pg_largeobject')
  ORDER BY 1`;

const utc = (time: string) => `to_char((${time}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const momentQuery = `
  SELECT ${utc('clock_timestamp()')} AS at, txid_snapshot_xmax(txid_current_snapshot())::text AS xid,
    (SELECT ${utc(`max(state_change) + interval '${REPORT_MS} ms'`)}
     FROM pg_stat_activity WHERE ${others}) AS "reportedAt",
    (SELECT ${utc('greatest(d.stats_reset, b.stats_reset)')} FROM pg_stat_database d, pg_stat_bgwriter b
     WHERE d.datname = current_database()) AS "resetAt"`;

/** Reads the counters. The moment is read first: what is written while they are read counts as written later. */
export async function writeCounters(client: Client): Promise<WriteCounters> {
  const moment = await client.query<Omit<WriteCounters, 'tables'>>(momentQuery);
  const tables = await client.query<{ name: string; counters: [number, number, number, number] }>(
    tablesQuery,
  );
  const { at = '', xid = '', reportedAt = null, resetAt = null } = moment.rows[0] ?? {};
  return {
    at,
    xid,
    reportedAt,
    resetAt,
    tables: Object.fromEntries(tables.rows.map(({ name, counters }) => [name, counters])),
  };
}

/** Milliseconds from `now` until all that was written before `counters.at` has been reported; 0: it has. */
export const untilReported = (counters: WriteCounters, now: WriteCounters): number =>
  counters.reportedAt === null ? 0 : Math.max(0, Date.parse(counters.reportedAt) - Date.parse(now.at));

/**
 * What was written between two looks: tables with numbers, in words. Nothing when no transaction has written;
 * then it is certain. Otherwise as far as the tables have reported.
 */
export function movedSince(before: WriteCounters, after: WriteCounters): string[] {
  if (before.xid === after.xid) return [];
  if (before.resetAt !== after.resetAt) return [`all counters were reset at ${after.resetAt}: nobody knows`];
  const names = [...new Set([...Object.keys(before.tables), ...Object.keys(after.tables)])].sort();
  return names.flatMap((name) => {
    const words = difference(before.tables[name], after.tables[name]);
    return words ? [`${name}: ${words}`] : [];
  });
}

const verbs = ['inserted', 'updated', 'deleted'] as const;

function difference(before: TableCounters | undefined, after: TableCounters | undefined): string | null {
  if (!before) return 'is new';
  if (!after) return 'is gone';
  const counts = verbs.flatMap((verb, i) =>
    after[i]! > before[i]! ? [`${after[i]! - before[i]!} ${verb}`] : [],
  );
  if (before[3] !== after[3]) counts.push('emptied or rewritten');
  return counts.join(', ') || null;
}
