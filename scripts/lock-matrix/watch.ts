import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { noted } from '../../src/locks/notation.js';
import type { Known, Lock } from './observe.js';
import { buildsIn, locksOf, relationsOf, rewrittenIn, strongest } from './observe.js';

const PATIENCE_MS = 20_000;

/**
 * Watches a statement that runs in no transaction from a second session. A first holder keeps it from its first lock, a
 * second one, with an old snapshot and weak locks everywhere, from its next step, a third one, which came too late to be
 * waited for, from its last lock, so that each lock that it asks for is seen.
 * Locks on indexes are left out: what it locks of them for an instant, after all is done, is seen by chance.
 */
export async function watched(
  url: string,
  client: pg.Client,
  sql: string,
  notices: string[],
): Promise<string> {
  const [first, second, third, watcher] = Array.from(
    { length: 4 },
    () => new pg.Client({ connectionString: url, statement_timeout: PATIENCE_MS }),
  ) as [pg.Client, pg.Client, pg.Client, pg.Client];
  const others = [first, second, third, watcher];
  await Promise.all(others.map((each) => each.connect()));
  try {
    const before = await relationsOf(watcher);
    const pid = await pidOf(client);
    await hold(first, before, 'share update exclusive');
    await hold(second, before, 'access share');
    await client.query('set client_min_messages = debug1');
    notices.length = 0;
    const seen: Lock[] = [];
    const running = client.query(sql);
    const done = running.then(
      () => true,
      () => true,
    );
    seen.push(...(await untilItWaits(watcher, pid, done)));
    await first.query('rollback');
    seen.push(...(await untilItWaits(watcher, pid, done)));
    await holdIfFree(third, before);
    await second.query('rollback');
    seen.push(...(await untilItWaits(watcher, pid, done)));
    await third.query('rollback');
    await running;
    const rewritten = await rewrittenIn(watcher, before);
    const builds = await buildsIn(watcher, notices);
    return noted(
      strongest(before, seen)
        .filter(({ kind }) => kind !== 'index')
        .map((one) => ({
          ...one,
          rewrites: rewritten.has(one.oid),
          scans: false,
          builds: builds.get(one.name) ?? 0,
        })),
    );
  } finally {
    await Promise.all(others.map((each) => each.end()));
  }
}

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

async function hold(client: pg.Client, relations: ReadonlyMap<number, Known>, mode: string): Promise<void> {
  const tables = [...relations.values()].filter(({ kind }) => kind === 'table').map(({ oid }) => oid);
  await client.query('begin isolation level repeatable read');
  const { rows } = await client.query<{ name: string }>(
    "select oid::regclass::text as name from pg_class where oid = any($1) and relkind in ('r', 'p')",
    [tables],
  );
  await client.query(`lock table ${rows.map(({ name }) => `only ${name}`).join()} in ${mode} mode`);
}

/** Where the statement stands in the queue for a table already, nobody can pass it. */
async function holdIfFree(client: pg.Client, relations: ReadonlyMap<number, Known>): Promise<void> {
  await client.query("set lock_timeout = '100ms'");
  await hold(client, relations, 'access share').catch(() => undefined);
}

/** @returns all locks that were seen until it waited for one, or was done */
async function untilItWaits(watcher: pg.Client, pid: number, done: Promise<boolean>): Promise<Lock[]> {
  const seen: Lock[] = [];
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    const isDone = await Promise.race([done, sleep(2).then(() => false)]);
    seen.push(...(await locksOf(watcher, pid)));
    if (isDone || (await waits(watcher, pid))) break;
  }
  seen.push(...(await locksOf(watcher, pid)));
  return seen;
}

async function waits(watcher: pg.Client, pid: number): Promise<boolean> {
  const { rowCount } = await watcher.query('select 1 from pg_locks where pid = $1 and not granted', [pid]);
  return (rowCount ?? 0) > 0;
}
