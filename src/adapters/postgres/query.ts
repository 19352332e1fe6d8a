import { queryFailed, queryTooSlow, queryWrites } from '../../domain/problems/database.js';
import { type Client, withClient } from './client.js';
import { codeOf, isLost } from './failures.js';

/** What a query gave, as text: the way psql shows it. */
export interface Rows {
  columns: string[];
  /** null is SQL's NULL. */
  rows: (string | null)[][];
  /** Whether there were more than `maxRows`. */
  more: boolean;
}

export interface ReadOptions {
  maxRows: number;
  timeoutMs: number;
  applicationName?: string;
  signal?: AbortSignal;
}

/**
 * Runs a query that the user wrote, one statement that only reads, and that is held to it: in a READ ONLY
 * transaction, as a cursor (which takes queries only) and by the extended protocol (which refuses a second
 * statement, so that no COMMIT slips in).
 *
 * @throws Problem `query-failed`, `query-writes`, `query-too-slow` (retried), and those of `withClient`
 */
export async function readOnly(url: string, sql: string, options: ReadOptions): Promise<Rows> {
  const { maxRows, timeoutMs, applicationName = 'lockkeeper: verify', signal } = options;
  return withClient(url, { applicationName, ...(signal ? { signal } : {}) }, async (client) => {
    try {
      return await read(client, sql, maxRows, timeoutMs);
    } catch (error) {
      if (isLost(error)) throw error;
      throw failure(error, sql, timeoutMs);
    }
  });
}

async function read(client: Client, sql: string, maxRows: number, timeoutMs: number): Promise<Rows> {
  await client.query('BEGIN TRANSACTION READ ONLY');
  await client.query(`SET LOCAL statement_timeout = ${Math.ceil(timeoutMs)}`);
  // All rows are wanted: without this the planner would look for the fastest first ones.
  await client.query('SET LOCAL cursor_tuple_fraction = 1');
  // The line break ends a comment that the query may end in.
  const text = `DECLARE lockkeeper NO SCROLL CURSOR FOR ${sql.replace(/[;\s]+$/, '')}\n`;
  // A name makes the library use the extended protocol.
  await client.query({ text, name: 'lockkeeper' });
  const { fields, rows } = await client.query<(string | null)[]>({
    text: `FETCH ${maxRows + 1} FROM lockkeeper`,
    rowMode: 'array',
    types: { getTypeParser: () => (value: unknown) => value },
  });
  await client.query('ROLLBACK');
  return {
    columns: fields.map(({ name }) => name),
    rows: rows.slice(0, maxRows),
    more: rows.length > maxRows,
  };
}

function failure(error: unknown, sql: string, timeoutMs: number): unknown {
  if (!(error instanceof Error)) return error;
  switch (codeOf(error)) {
    case '57014':
      return queryTooSlow(sql, timeoutMs);
    case '25006':
      return queryWrites(sql, error.message);
    case undefined:
      return error;
    default:
      return queryFailed(sql, error.message);
  }
}
