import type { Client } from './client.js';
import { codeOf } from './failures.js';

/** How often each statement had been run at a moment, by `pg_stat_statements`. */
export interface CallsNoted {
  /** The server's clock: ISO 8601, UTC. */
  at: string;
  /** How many statements had been forgotten for want of room; null: this version does not tell. */
  forgotten: number | null;
  calls: Readonly<Record<string, number>>;
}

/** A statement that has been run. */
export interface RunStatement {
  /** Role, query and level: under which `CallsNoted` has it. */
  key: string;
  role: string;
  /** With `$1` in place of values. */
  text: string;
  calls: number;
  /** Since when it is counted: ISO 8601, UTC; null: this version does not tell. */
  since: string | null;
}

/** What there is of the extension in this database. */
interface Installed {
  view: string;
  /** Columns and views that later versions brought. */
  has: { toplevel: boolean; since: boolean; info: boolean };
}

const installedQuery = `
  SELECT format('%I.pg_stat_statements', n.nspname) AS view,
    to_regclass(format('%I.pg_stat_statements_info', n.nspname)) IS NOT NULL AS info,
    ARRAY(SELECT attname::text FROM pg_attribute
      WHERE attrelid = to_regclass(format('%I.pg_stat_statements', n.nspname)) AND attname IN ('toplevel', 'stats_since')
    ) AS columns
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'`;

/** @returns why it cannot be asked, where it cannot */
async function installed(client: Client): Promise<Installed | string> {
  const { rows } = await client.query<{ view: string; info: boolean; columns: string[] }>(installedQuery);
  const [found] = rows;
  if (!found) return 'it is not installed in this database: CREATE EXTENSION pg_stat_statements';
  const { view, info, columns } = found;
  const has = { info, toplevel: columns.includes('toplevel'), since: columns.includes('stats_since') };
  return (await whyNotCounted(client, view)) ?? { view, has };
}

async function whyNotCounted(client: Client, view: string): Promise<string | undefined> {
  try {
    const { rows } = await client.query<{ track: string | null }>(
      `SELECT current_setting('pg_stat_statements.track', true) AS track FROM ${view} LIMIT 1`,
    );
    return rows[0]?.track === 'none' ? 'pg_stat_statements.track is none' : undefined;
  } catch (error) {
    if (codeOf(error) === '55000') return 'shared_preload_libraries does not load it';
    if (codeOf(error) === '42501') return 'the role may not read it: GRANT pg_read_all_stats';
    throw error;
  }
}

const keyOf = ({ toplevel }: Installed['has']): string =>
  `format('%s/%s/%s', s.userid, s.queryid, ${toplevel ? 's.toplevel' : 'true'})`;
const utc = (time: string): string => `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const HERE = 's.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())';

/** Notes how often each statement of this database has been run until now. @returns why not, where it cannot be told */
export async function noteCalls(client: Client): Promise<CallsNoted | string> {
  const found = await installed(client);
  return typeof found === 'string' ? found : callsNow(client, found);
}

async function callsNow(client: Client, { view, has }: Installed): Promise<CallsNoted> {
  const forgotten = has.info ? `(SELECT dealloc::float8 FROM ${view}_info)` : 'NULL::float8';
  const { rows } = await client.query<CallsNoted>(
    `SELECT ${utc('clock_timestamp()')} AS at, ${forgotten} AS forgotten,
       coalesce(json_object_agg(${keyOf(has)}, s.calls) FILTER (WHERE s.queryid IS NOT NULL), '{}') AS calls
     FROM ${view}(false) s WHERE ${HERE}`,
  );
  return rows[0] ?? { at: '', forgotten: null, calls: {} };
}

/** All that was run of the statements that may name one of the tables. */
export interface RunStatements {
  statements: readonly RunStatement[];
  now: CallsNoted;
  /** When counting began anew: ISO 8601, UTC; null: this version does not tell. */
  reset: string | null;
  /** How many statements of other roles are not shown to ours. */
  hidden: number;
}

/**
 * Statements that were sent by clients, not by functions, and whose text has one of the words. Ours are left out.
 *
 * @param words - names of tables, as the catalog has them
 * @returns why not, where it cannot be told
 */
export async function statementsNaming(
  client: Client,
  words: readonly string[],
): Promise<RunStatements | string> {
  const found = await installed(client);
  if (typeof found === 'string') return found;
  const { view, has } = found;
  const { rows: statements } = await client.query<RunStatement>(
    `SELECT ${keyOf(has)} AS key, s.userid::regrole::text AS role, s.query AS text, s.calls::float8 AS calls,
       ${has.since ? utc('s.stats_since') : 'NULL'} AS since
     FROM ${view} s
     WHERE ${HERE} AND s.queryid IS NOT NULL ${has.toplevel ? 'AND s.toplevel' : ''}
       AND EXISTS (SELECT FROM unnest($1::text[]) word WHERE strpos(lower(s.query), lower(word)) > 0)
     ORDER BY s.calls DESC`,
    [words],
  );
  const reset = has.info ? `(SELECT ${utc('stats_reset')} FROM ${view}_info)` : 'NULL';
  const { rows } = await client.query<{ reset: string | null; hidden: number }>(
    `SELECT ${reset} AS reset, (SELECT count(*)::int FROM ${view} s WHERE ${HERE} AND s.queryid IS NULL) AS hidden`,
  );
  const { reset: since = null, hidden = 0 } = rows[0] ?? {};
  return {
    statements: statements.filter(({ text }) => !isOurs(text)),
    now: await callsNow(client, found),
    reset: since,
    hidden,
  };
}

/** Statements of ours that name what users have: backfills, keepsakes, copies that are compared. All say so. */
const isOurs = (text: string): boolean => /lockkeeper|\blk_(seed|was)\b/.test(text);

const widthQuery = `
  SELECT asked.name, (SELECT count(*)::int FROM pg_attribute a
      WHERE a.attrelid = to_regclass(asked.name) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS width,
    coalesce((SELECT array_agg(format('%I.%I', n.nspname, c.relname))
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE a.attname = asked.col AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND c.oid IS DISTINCT FROM to_regclass(asked.name)), '{}') AS "alsoIn"
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked(name, col, at) ORDER BY at`;

/** Of each column: how many its table has, and which other tables have one of that name. */
export async function columnsBeside(
  client: Client,
  columns: readonly { table: string; column: string | null }[],
): Promise<{ width: number; alsoIn: readonly string[] }[]> {
  const { rows } = await client.query<{ width: number; alsoIn: string[] }>(widthQuery, [
    columns.map(({ table }) => table),
    columns.map(({ column }) => column),
  ]);
  return rows;
}
