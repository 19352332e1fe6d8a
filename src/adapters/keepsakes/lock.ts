import { setTimeout as sleep } from 'node:timers/promises';
import { lockModes } from '../../domain/plan.js';
import { cannotKeep, keepsakeLocked } from '../../domain/problems/keepsakes.js';
import type { Client } from '../postgres/client.js';
import { codeOf } from '../postgres/failures.js';
import { holdersInTheWay, type HolderSeen } from '../postgres/lock-holders.js';
import { inTransaction } from '../postgres/transaction.js';

export interface LockOptions {
  /** How long one attempt may queue, and keep others waiting behind it. */
  attemptMs: number;
  /** How long to go on trying. */
  waitMs: number;
  signal: AbortSignal;
}

/** All but those that only read. */
const WRITERS = lockModes.slice(lockModes.indexOf('ROW EXCLUSIVE'));
const POLL_MS = 100;
/** Who has been there for longer will not be gone within an attempt. */
const YOUNG_MS = 1_000;

/**
 * Works in one transaction that first keeps writers from the table; looks before it queues, and queues for moments
 * only. What the work then does must not take long.
 *
 * @throws Problem `keepsake-locked`, `cannot-keep`
 */
export async function withTableLocked<T>(
  client: Client,
  table: string,
  { attemptMs, waitMs, signal }: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const old = (await inTheWay(client, table)).filter(
      ({ transactionMs }) => (transactionMs ?? 0) > YOUNG_MS,
    );
    if (old.length === 0) {
      const done = await attempt(client, table, attemptMs, work);
      if (done) return done.result;
    }
    if (performance.now() - began > waitMs) {
      const holders = (await inTheWay(client, table)).map(
        ({ pid, user, application }) => `pid ${pid} (${[user, application].filter(Boolean).join(', ')})`,
      );
      throw keepsakeLocked(table, [...new Set(holders)], waitMs);
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

const inTheWay = (client: Client, table: string): Promise<HolderSeen[]> =>
  holdersInTheWay(client, [{ name: table, lock: 'SHARE ROW EXCLUSIVE', waitsFor: WRITERS }], []);

async function attempt<T>(client: Client, table: string, attemptMs: number, work: () => Promise<T>) {
  try {
    return await inTransaction(client, async () => {
      await client.query(`SET LOCAL lock_timeout = ${attemptMs}`);
      await client.query(`LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`);
      return { result: await work() };
    });
  } catch (error) {
    if (codeOf(error) === '55P03') return undefined;
    throw refused(table, error);
  }
}

/** What PostgreSQL refuses for want of a right is told in the words of a keepsake. */
export function refused(table: string, error: unknown): unknown {
  return codeOf(error) === '42501' ? cannotKeep(table, (error as Error).message) : error;
}
