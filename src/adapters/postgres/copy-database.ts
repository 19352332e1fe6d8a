import { setTimeout as wait } from 'node:timers/promises';
import { databaseLocked, sessionsStay } from '../../domain/problems/restore.js';
import type { Client } from './client.js';
import { refuseWithoutRights } from './create-like.js';
import { codeOf } from './failures.js';
import { endAllSessions, holdersOf } from './swap-sessions.js';

const POLL_MS = 50;
const AT_ONCE = { waitMs: 200 };
const TRIES = 3;
/** The site is closed meanwhile: whoever holds the database, as a COMMENT ON it does, is named, not waited for. */
const LOCK_MS = 10_000;

/**
 * Copies a database on its own server, with all that is in it. New sessions wait while it is copied; those that are
 * there are ended, for none may be connected
 * (https://www.postgresql.org/docs/current/manage-ag-templatedbs.html).
 *
 * @param server - a session on another database, which waits until all is copied
 * @param ender - another one, which ends sessions meanwhile
 * @throws Problem `may-not-create-database`; `sessions-stay`, `database-locked` (both retried)
 */
export async function copyDatabase(
  server: Client,
  ender: Client,
  source: string,
  name: string,
): Promise<void> {
  await server.query(`SET lock_timeout = ${LOCK_MS}`);
  const { rows } = await server.query<{ oid: number; owner: string; major: number }>(
    `SELECT oid::int8::float8 AS oid, pg_get_userbyid(datdba) AS owner, current_setting('server_version_num')::int / 10000 AS major
     FROM pg_database WHERE datname = $1`,
    [source],
  );
  const [found] = rows;
  if (!found) throw new Error(`pg_database does not have ${source}`);
  await refuseWithoutRights(server, found.owner);
  const identifier = (text: string) => server.escapeIdentifier(text);
  const clauses = [
    `TEMPLATE ${identifier(source)}`,
    `OWNER ${identifier(found.owner)}`,
    // Block by block through the log, the default since 15, takes more than twice as long; before 15 there is but this.
    ...(found.major >= 15 ? ['STRATEGY file_copy'] : []),
  ];
  const create = `CREATE DATABASE ${identifier(name)} WITH ${clauses.join(' ')}`;
  for (let left = TRIES; ; left -= 1) {
    try {
      await whileEnding(ender, source, () => server.query(create));
      return;
    } catch (error) {
      if (codeOf(error) === '55P03') throw databaseLocked(source, await holdersOf(server, [found.oid]));
      if (codeOf(error) !== '55006') throw error; // it has waited five seconds for them
      if (left > 1) continue;
      await endAllSessions(ender, source, AT_ONCE);
      throw sessionsStay(source, []);
    }
  }
}

/** Whoever connects between two looks, before the copying begins, is ended by the next one. */
async function whileEnding(ender: Client, database: string, work: () => Promise<unknown>): Promise<void> {
  let isDone = false;
  const working = work().finally(() => (isDone = true));
  const ending = async () => {
    while (!isDone) {
      await endAllSessions(ender, database, AT_ONCE).catch(() => undefined); // said when copying fails
      await wait(POLL_MS);
    }
  };
  const [done] = await Promise.allSettled([working, ending()]);
  if (done.status === 'rejected') throw done.reason;
}
