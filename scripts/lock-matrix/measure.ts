import pg from 'pg';
import { noted, type Noted } from '../../src/locks/notation.js';
import { runsAlone, type Case } from './case.js';
import type { Known, Lock } from './observe.js';
import { buildsIn, locksOf, readsIn, relationsOf, rewrittenIn, strongest } from './observe.js';
import { watched } from './watch.js';

/** What a case did, in the notation of `noted`; or the SQLSTATE and the words with which it was refused. */
export type Measured = string;

/** A case that waits for another session does so for ever: none takes a second. */
const LIMIT_MS = 15_000;

/**
 * Runs one case in a database of its own, or in one that is left as it was.
 *
 * @param look - is shown the session before the statement, after what is done before it
 */
export async function measure(
  url: string,
  one: Case,
  look: (client: pg.Client) => Promise<void> = async () => undefined,
): Promise<Measured> {
  const client = new pg.Client({ connectionString: url, statement_timeout: LIMIT_MS });
  const notices: string[] = [];
  client.on('notice', ({ message }) => notices.push(message ?? ''));
  client.on('error', () => undefined);
  await client.connect();
  try {
    if (one.setup) await client.query(one.setup);
    await look(client);
  } catch (error) {
    await client.end();
    throw error;
  }
  try {
    return await (runsAlone(one.sql)
      ? watched(url, client, one.sql, notices)
      : inTransaction(client, one.sql, notices));
  } catch (error) {
    return refusal(error);
  } finally {
    await client.end();
  }
}

async function inTransaction(client: pg.Client, sql: string, notices: string[]): Promise<Measured> {
  const before = await relationsOf(client);
  await client.query('set client_min_messages = debug1; begin');
  try {
    const readsBefore = await readsIn(client);
    notices.length = 0;
    await client.query(sql);
    await client.query('set local client_min_messages = warning');
    const locks = await locksOf(client);
    const rewritten = await rewrittenIn(client, before);
    const reads = [...(await readsIn(client))].filter(([oid, count]) => count > (readsBefore.get(oid) ?? 0));
    const scanned = new Set(reads.map(([oid]) => oid));
    const builds = await buildsIn(client, notices);
    return noted(seen(before, locks, rewritten, scanned, builds));
  } finally {
    await client.query('rollback');
    await client.query('reset client_min_messages');
  }
}

function seen(
  before: ReadonlyMap<number, Known>,
  locks: readonly Lock[],
  rewritten: ReadonlySet<number>,
  scanned: ReadonlySet<number>,
  builds: ReadonlyMap<string, number>,
): Noted[] {
  return strongest(before, locks).map(({ oid, name, kind, lock }) => ({
    name,
    kind,
    lock,
    rewrites: rewritten.has(oid),
    scans: scanned.has(oid),
    builds: kind === 'table' ? (builds.get(name.replace(/^.*\./, '')) ?? 0) : 0,
  }));
}

const refusal = (error: unknown): Measured =>
  error instanceof pg.DatabaseError ? `refused ${error.code}: ${error.message}` : `refused: ${String(error)}`;
