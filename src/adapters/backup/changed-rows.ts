import { type Client, withClient } from '../postgres/client.js';
import { onServer, withDatabase } from '../postgres/databases.js';
import type { ChangedColumn } from '../postgres/table-values.js';
import { keyText } from '../postgres/table-values.js';
import { connectionOf, libpqEnvironment } from '../postgres/connection.js';
import { pinWriting } from '../postgres/fingerprint.js';
import { shell } from '../shell.js';

/** How many rows of a column have another value than in the backup, and some of their keys. */
export interface ChangedRows {
  rows: number;
  keys: readonly string[];
}

const BATCH = 10_000;
const SHOWN = 5;
const DATABASE = 'lockkeeper_before';

interface From {
  /** The copy, on a private server, for its superuser. */
  url: string;
  /** The archive. */
  path: string;
  pgRestore: string;
  session: { applicationName: string; signal: AbortSignal };
}

/**
 * Looks up which rows have another value than in the backup: restores the one table into a database beside the copy,
 * and compares there. For one column that is known to differ, on a private server.
 */
export async function changedRows(from: From, changed: ChangedColumn): Promise<ChangedRows> {
  const { url, session } = from;
  const beside = withDatabase(url, DATABASE);
  const server = (sql: string) => onServer(url, session, (client) => client.query(sql));
  await server(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  await server(`CREATE DATABASE ${DATABASE} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`);
  try {
    await restoreTable(from, beside, changed.table);
    return await withClient(url, session, async (client) => {
      await client.query('CREATE TEMP TABLE lk_was (key text, value text)');
      await withClient(beside, session, (before) => carry(before, client, changed));
      return compared(client, changed);
    });
  } finally {
    await server(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`).catch(() => undefined);
  }
}

async function restoreTable({ path, pgRestore, session }: From, url: string, table: string): Promise<void> {
  const connection = connectionOf(url);
  const env = libpqEnvironment(connection, session.applicationName);
  const usual = ['--no-owner', '--no-privileges', '--no-password', `--dbname=${connection.database}`];
  const [, schema = '', name = ''] = /^("(?:[^"]|"")+"|[^".]+)\.(.+)$/s.exec(table) ?? [];
  const { signal } = session;
  await shell({ file: pgRestore, args: [...usual, '--section=pre-data', path], env }, { signal });
  const only = ['--data-only', `--schema=${bare(schema)}`, `--table=${bare(name)}`];
  await shell({ file: pgRestore, args: [...usual, ...only, path], env }, { signal });
}

const bare = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;

/** Carries keys and old values over, a batch at a time. */
async function carry(from: Client, to: Client, { table, column, key }: ChangedColumn): Promise<void> {
  await from.query('BEGIN READ ONLY');
  await pinWriting(from);
  const value = `t.${from.escapeIdentifier(column)}::text`;
  await from.query(
    `DECLARE lk NO SCROLL CURSOR FOR SELECT ${keyText(from, key)} AS key, ${value} AS value FROM ONLY ${table} t`,
  );
  for (;;) {
    const { rows } = await from.query<{ key: string; value: string | null }>(`FETCH ${BATCH} FROM lk`);
    if (!rows.length) break;
    await to.query('INSERT INTO lk_was SELECT * FROM unnest($1::text[], $2::text[])', [
      rows.map((row) => row.key),
      rows.map((row) => row.value),
    ]);
  }
  await from.query('COMMIT');
}

async function compared(client: Client, { table, column, key }: ChangedColumn): Promise<ChangedRows> {
  await client.query('ANALYZE lk_was');
  await client.query('BEGIN READ ONLY');
  await pinWriting(client);
  const { rows } = await client.query<{ rows: number; keys: string[] }>(
    `WITH other AS (
       SELECT w.key FROM pg_temp.lk_was w
       JOIN (SELECT ${keyText(client, key)} AS key, t.${client.escapeIdentifier(column)}::text AS value FROM ONLY ${table} t) n
         ON n.key = w.key WHERE n.value IS DISTINCT FROM w.value)
     SELECT (SELECT count(*) FROM other)::float8 AS rows,
       coalesce((SELECT array_agg(key) FROM (SELECT key FROM other ORDER BY length(key), key LIMIT ${SHOWN}) first), '{}') AS keys`,
  );
  await client.query('COMMIT');
  return rows[0] ?? { rows: 0, keys: [] };
}
