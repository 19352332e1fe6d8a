import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionToCancel } from '../../domain/blocked.js';
import type { Client } from './client.js';
import { codeOf } from './failures.js';

/** What came of asking a session to end. */
export type Ended = 'ended' | 'not there' | 'not allowed' | 'stays';

const NOT_ALLOWED = '42501';
const WAIT_MS = 2_000;
const POLL_MS = 50;

const there = `
  FROM pg_stat_activity
  WHERE pid = $1 AND datname = current_database() AND to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') = $2`;

/**
 * Cancels what an ordinary autovacuum does at the moment; the server begins it again later.
 *
 * @returns whether it was told to; false where this role may not, or where it has ended or another one begun
 */
export async function cancelAutovacuum(
  client: Client,
  { pid, backendStart }: SessionToCancel,
): Promise<boolean> {
  const text = `SELECT pg_cancel_backend(pid) AS told ${there}
    AND backend_type = 'autovacuum worker' AND query NOT LIKE '%to prevent wraparound%'`;
  return (await tried(client, text, [pid, backendStart])) === true;
}

/**
 * Ends a session that a person has named: what it does is cancelled, and the session ended, since one that is idle in
 * a transaction has nothing to cancel. A later session of the same pid is left alone.
 */
export async function endSession(client: Client, { pid, backendStart }: SessionToCancel): Promise<Ended> {
  const told = await tried(client, `SELECT pg_terminate_backend(pid) AS told ${there}`, [pid, backendStart]);
  if (told !== true) return told;
  for (const until = performance.now() + WAIT_MS; performance.now() < until; await sleep(POLL_MS)) {
    const { rows } = await client.query(`SELECT ${there}`, [pid, backendStart]);
    if (rows.length === 0) return 'ended';
  }
  return 'stays';
}

async function tried(
  client: Client,
  text: string,
  values: unknown[],
): Promise<true | 'not there' | 'not allowed'> {
  try {
    const { rows } = await client.query<{ told: boolean }>(text, values);
    return rows[0]?.told ? true : 'not there';
  } catch (error) {
    if (codeOf(error) === NOT_ALLOWED) return 'not allowed';
    throw error;
  }
}
