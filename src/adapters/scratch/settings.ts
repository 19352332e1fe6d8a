import { totalmem } from 'node:os';
import type { Client } from '../postgres/client.js';

/** Settings of a server, as postgresql.conf has them. */
export type ServerSettings = Readonly<Record<string, string>>;

/** What decides how long statements take, and how much they write: it is to be as in production. */
const COPIED = [
  ...['work_mem', 'maintenance_work_mem', 'max_wal_size', 'effective_cache_size', 'effective_io_concurrency'],
  ...['random_page_cost', 'seq_page_cost', 'default_statistics_target', 'jit', 'wal_log_hints'],
  ...['max_worker_processes', 'max_parallel_workers', 'max_parallel_workers_per_gather'],
  ...['max_parallel_maintenance_workers', 'max_locks_per_transaction', 'max_prepared_transactions'],
  ...['TimeZone', 'DateStyle', 'IntervalStyle', 'bytea_output'],
  ...[
    'default_transaction_isolation',
    'standard_conforming_strings',
    'row_security',
    'xmlbinary',
    'xmloption',
  ],
  ...['search_path', 'default_table_access_method', 'check_function_bodies', 'extra_float_digits'],
];

/** A part of this machine's memory, on which the site may run, too. */
const MEMORY_PART = 8;
const PAGE = 8_192;

/** @returns the settings of the live server that its private sibling is to have, too */
export async function settingsOf(client: Client): Promise<ServerSettings> {
  const { rows } = await client.query<{ name: string; value: string; unit: string | null; pages: number }>(
    `SELECT name, coalesce(reset_val, boot_val) AS value, unit,
       CASE name WHEN 'shared_buffers' THEN setting::float8 ELSE 0 END AS pages
     FROM pg_settings WHERE name = ANY($1)`,
    [[...COPIED, 'shared_buffers']],
  );
  const most = Math.floor(totalmem() / MEMORY_PART / PAGE);
  return Object.fromEntries(
    rows.map(({ name, value, unit, pages }) =>
      name === 'shared_buffers'
        ? [name, `${Math.min(pages, most) * (PAGE / 1024)}kB`]
        : [name, inUnit(value, unit)],
    ),
  ) as ServerSettings;
}

/** `8kB` and the like are units to count in, which postgresql.conf does not know. */
function inUnit(value: string, unit: string | null): string {
  const [, times, base] = /^(\d*)(\D*)$/.exec(unit ?? '') ?? [];
  if (!base || !/^-?\d+$/.test(value) || value.startsWith('-')) return value;
  return `${Number(value) * Number(times || 1)}${base}`;
}

/** While the copy is made nothing of it needs to survive a crash. */
export const careless: ServerSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** While the plan runs a commit takes as long, and the write-ahead log is as long, as in production. */
export const careful: ServerSettings = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };

/** Of every private server: reachable from this machine alone, and nothing runs in it by itself. */
export const fixed = (port: number, host: string): ServerSettings => ({
  listen_addresses: host,
  port: String(port),
  unix_socket_directories: '',
  ssl: 'off',
  wal_level: 'replica',
  max_wal_senders: '0',
  max_connections: '50',
  archive_mode: 'off',
  autovacuum: 'off',
  checkpoint_timeout: '1h',
  logging_collector: 'off',
  log_min_messages: 'fatal',
  lc_messages: 'C',
});

export const settingsText = (settings: ServerSettings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('');
