import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import './in-node.js';
import pg from 'pg';
import { type Connection, connectionOf } from './connection.js';
import { codeOf, connectProblem, isLost, sessionProblem } from './failures.js';
import { type Tls, tlsAttempts } from './tls.js';

/** A connected session. */
export type Client = pg.Client;

export interface ClientOptions {
  /** Shown in pg_stat_activity: who we are, so that an orphan can be found. At most 63 bytes. */
  applicationName: string;
  /** Ends the session when aborted, in the middle of a query, too. */
  signal?: AbortSignal;
}

const CONNECT_MS = 5_000;
/** A server that went away without a word must not keep us: a good-bye takes milliseconds. */
const GOODBYE_MS = 2_000;
/** Finds out that a peer is gone long before TCP's own two hours. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Connects, works, and always ends the session. The settings of role and database that could end the work,
 * forbid it or change how values are shown are switched off for this session.
 *
 * @param url - `postgresql://user:password@host:port/database?sslmode=…`; a SQLAlchemy driver in it is ignored
 * @throws Problem `database-unreachable`, `database-not-ready`, `wrong-password`, `no-such-role`,
 *   `no-such-database`, `login-refused`, `database-closed`, `too-many-connections`, `encryption-failed`,
 *   `malformed-database-url`; `connection-lost` when the session goes away during the work; the signal's
 *   reason when aborted; whatever `work` throws
 */
export async function withClient<T>(
  url: string,
  { applicationName, signal }: ClientOptions,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const connection = connectionOf(url);
  const client = await connect(connection, applicationName);
  let letGo = () => {};
  try {
    const pid = await settle(client);
    letGo = endWhenAborted(signal, client, pid, connection);
    signal?.throwIfAborted();
    return await work(client);
  } catch (error) {
    signal?.throwIfAborted();
    throw sessionProblem(error, connection);
  } finally {
    letGo();
    await leave(client);
  }
}

async function connect(connection: Connection, applicationName: string): Promise<Client> {
  const attempts = await tlsAttempts(connection);
  for (const [index, tls] of attempts.entries()) {
    try {
      return await open(connection, applicationName, tls);
    } catch (error) {
      if (index === attempts.length - 1 || !mayWorkOtherwise(error)) throw connectProblem(error, connection);
    }
  }
  throw connectProblem(new Error('no attempt was made'), connection);
}

/** Whether the next attempt, with or without encryption, can have another answer. */
const mayWorkOtherwise = (error: unknown): boolean =>
  codeOf(error) === '28000' || (error instanceof Error && error.message.includes('does not support SSL'));

async function open(connection: Connection, applicationName: string, tls: Tls): Promise<Client> {
  const { host, port, user, password, database, options } = connection;
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    ...(password ? { password } : {}),
    ...(options ? { options } : {}),
    ssl: tls,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
  // Lost while idle: the next query says so. Without a listener Node would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await leave(client);
    throw error;
  }
}

/**
 * One message, the most dangerous first: a role may have a statement_timeout of milliseconds. Rows that row
 * level security would hide are an error: nothing here may count or compare half a table.
 */
const settings = `
  SET statement_timeout = 0;
  SET lock_timeout = 0;
  SET idle_in_transaction_session_timeout = 0;
  SET default_transaction_read_only = off;
  SET default_transaction_isolation = 'read committed';
  SET default_transaction_deferrable = off;
  SET row_security = off;
  SET datestyle = 'ISO, MDY';
  SET intervalstyle = 'postgres';
  SET extra_float_digits = 1;
  SET quote_all_identifiers = off;
  SET bytea_output = 'hex'`;

/** Not every version knows these: 14 and 17 brought them. */
const newer = `
  SELECT pg_backend_pid() AS pid, (
    SELECT count(set_config(name, '0', false)) FROM pg_settings
    WHERE name IN ('idle_session_timeout', 'transaction_timeout'))`;

/**
 * Ends the query of a client that was killed: else the server notices it when the query is over. Version 14
 * brought it; some systems refuse it.
 */
const endWithClient = `
  SELECT set_config(name, '2s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'`;

/** @returns the session's process id */
async function settle(client: Client): Promise<number> {
  await client.query(settings);
  await client.query(endWithClient).catch((error: unknown) => {
    if (isLost(error)) throw error;
  });
  const { rows } = await client.query<{ pid: number }>(newer);
  return rows[0]?.pid ?? 0;
}

/**
 * Closing our end is not enough: the server notices it only when it writes, and a query that waits for a
 * lock writes nothing. So the session is ended from another one.
 *
 * @returns how to stop listening
 */
function endWhenAborted(
  signal: AbortSignal | undefined,
  client: Client,
  pid: number,
  connection: Connection,
): () => void {
  const end = () => void terminate(pid, connection).finally(() => cutOff(client));
  signal?.addEventListener('abort', end, { once: true });
  return () => signal?.removeEventListener('abort', end);
}

/** Closes our end at once, without a word: a query that waits for an answer fails now, whatever the network does. */
export function cutOff(client: Client): void {
  // The driver's types do not have it; its own time-outs do the same.
  (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
}

async function terminate(pid: number, connection: Connection): Promise<void> {
  try {
    const client = await connect(connection, 'lockkeeper: cancel');
    const done = client.query('SELECT pg_terminate_backend($1)', [pid]).catch(() => undefined);
    await Promise.race([done, wait(GOODBYE_MS, undefined, { ref: false })]);
    await leave(client);
  } catch {
    // The server is gone, and its sessions with it; or it is full, and the query ends by itself.
  }
}

async function leave(client: Client): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, GOODBYE_MS)));
  await Promise.race([client.end().catch(() => undefined), late]);
  clearTimeout(timer);
}
