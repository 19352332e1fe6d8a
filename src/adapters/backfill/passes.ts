import type { Client } from '../postgres/client.js';
import { enter, type Journal } from './journal.js';
import { keyIn, type BackfillSql } from './sql.js';

/** A condition that still finds rows is followed so often; more would be a race with whoever makes them. */
const MOST_PASSES = 5;

/**
 * Where this pass ends: rows that come later are not in it, or it would never end where they come fast.
 *
 * @returns false: there is no row at all
 */
export async function findEnd(client: Client, sql: BackfillSql, journal: Journal): Promise<boolean> {
  const { rows } = await client.query<Record<string, string>>(sql.last);
  if (!rows[0]) return false;
  await enter(client, journal, { ...journal, until: keyIn(rows[0], sql.width) });
  return true;
}

/** What comes after a phase whose rows are all done. */
export async function enterNext(client: Client, journal: Journal): Promise<void> {
  const { phase, pass, parked, left, definition } = journal;
  const compares = definition.where !== null || definition.verify !== null;
  const last = compares ? 'verify' : 'done';
  const again = phase === 'verify' && (left ?? 0) > 0 && pass < MOST_PASSES;
  const to = phase === 'verify' ? (again ? 'rows' : 'done') : phase === 'rows' && parked ? 'parked' : last;
  // All before it was committed without waiting for the disk: what is told as done must outlive a crash.
  if (to === 'done') await client.query('SET synchronous_commit = on');
  await enter(client, journal, { phase: to, pass: again ? pass + 1 : pass, until: null });
  if (to === 'done') await client.query('SET synchronous_commit = off');
}
