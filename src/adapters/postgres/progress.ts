import type { ProgressNow } from '../../domain/live.js';
import type { Client } from './client.js';

/** What each command counts, the first pair that it fills in this phase (monitoring.sgml, "Progress Reporting"). */
const counters: Readonly<Record<string, readonly (readonly [done: string, total: string])[]>> = {
  create_index: [
    ['blocks_done', 'blocks_total'],
    ['tuples_done', 'tuples_total'],
    ['lockers_done', 'lockers_total'],
    ['partitions_done', 'partitions_total'],
  ],
  vacuum: [['heap_blks_scanned', 'heap_blks_total']],
  cluster: [['heap_blks_scanned', 'heap_blks_total']],
  copy: [['bytes_processed', 'bytes_total']],
  analyze: [['sample_blks_scanned', 'sample_blks_total']],
};

export interface ProgressRow {
  kind: string;
  on: string | null;
  row: Record<string, unknown>;
}

const viewsQuery = `
  SELECT relname AS view FROM pg_class
  WHERE relnamespace = 'pg_catalog'::regnamespace AND relname = ANY ($1::text[]) ORDER BY 1`;

/** One query for all that this server's version has: 12 brought the first but VACUUM's, 14 that of COPY. */
export async function progressSql(client: Client): Promise<string> {
  const names = Object.keys(counters).map((kind) => `pg_stat_progress_${kind}`);
  const { rows } = await client.query<{ view: string }>(viewsQuery, [names]);
  return rows
    .map(
      ({ view }) =>
        `SELECT '${view.replace('pg_stat_progress_', '')}' AS kind, nullif(relid, 0)::regclass::text AS "on",
           to_jsonb(p) AS row FROM ${view} p WHERE datname = current_database()`,
    )
    .join(' UNION ALL ');
}

export function progressOf({ kind, on, row }: ProgressRow): ProgressNow {
  const pair = (counters[kind] ?? []).find(([, total]) => Number(row[total]) > 0);
  const { command, phase } = row as { command?: string; phase?: string };
  return {
    pid: Number(row['pid']),
    what: (command ?? kind.replace('_', ' ')).toLowerCase(),
    on: on ?? 'a query',
    phase: phase ?? null,
    share: pair ? Math.min(1, Number(row[pair[0]]) / Number(row[pair[1]])) : null,
  };
}
