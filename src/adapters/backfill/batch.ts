import { performance } from 'node:perf_hooks';
import type { Client } from '../postgres/client.js';
import { codeOf, isLost } from '../postgres/failures.js';
import { advance, claim, type Advance, type Journal } from './journal.js';
import { isParked, park, unpark } from './parked.js';
import { refusalOf, type Refusal } from './refusals.js';
import { keyIn, type BackfillSql } from './sql.js';

export type Batch =
  /** Committed, with the place where it ended. */
  | { is: 'done'; rows: number; changed: number; ms: number; at: string[] }
  /** Rolled back. */
  | { is: 'refused'; refusal: Refusal; rows: number; at: string[]; code: string; error: string }
  /** Another session has gone on from there: look again. */
  | { is: 'moved' };

interface Range {
  at: string[];
  /** How many rows there are in it. */
  rows: number;
}

/** Up to so many rows after the last one that was done, and not beyond the end of the pass. */
async function rangeOf(client: Client, sql: BackfillSql, journal: Journal, most: number): Promise<Range> {
  const after = journal.at !== null;
  const values = [...(journal.at ?? []), ...(journal.until ?? [])];
  const { rows } = await client.query<Record<string, string>>(sql.boundary(after, most), values);
  if (rows[0]) return { at: keyIn(rows[0], sql.width), rows: most };
  const rest = await client.query<{ n: number }>(sql.rowsIn(after), values);
  return { at: journal.until ?? [], rows: rest.rows[0]?.n ?? 0 };
}

/** What is done in the transaction of one batch. @returns what is added to the journal */
type Act = (range: Range, values: string[]) => Promise<Partial<Advance>>;

/** Changes the rows of one batch, and moves the journal on, in one transaction. */
export const changeRows = (
  client: Client,
  sql: BackfillSql,
  journal: Journal,
  most: number,
): Promise<Batch> =>
  inBatch(client, sql, journal, most, async (_, values) => {
    const { rowCount } = await client.query(sql.update(journal.at !== null), values);
    return { changed: rowCount ?? 0 };
  });

/** Looks whether the rows of one batch are as they should be. */
export const compareRows = (
  client: Client,
  sql: BackfillSql,
  journal: Journal,
  most: number,
): Promise<Batch> =>
  inBatch(client, sql, journal, most, async (_, values) => {
    const { rows } = await client.query<{ left: number; differ: number }>(
      sql.compare(journal.at !== null),
      values,
    );
    return { left: rows[0]?.left ?? 0, differ: rows[0]?.differ ?? 0 };
  });

/** Passes over the one row after the last one that was done. @param refused - why: then it is parked; null: it only counts as differing, where it is not parked */
export const passOver = (
  client: Client,
  sql: BackfillSql,
  journal: Journal,
  refused: { code: string; error: string } | null,
): Promise<Batch> =>
  inBatch(client, sql, journal, 1, async ({ at }) => {
    if (!refused) return { differ: (await isParked(client, journal.id, at)) ? 0 : 1 };
    await park(client, journal.id, { key: at, ...refused });
    return {};
  });

async function inBatch(
  client: Client,
  sql: BackfillSql,
  journal: Journal,
  most: number,
  act: Act,
): Promise<Batch> {
  let range: Range = { at: [], rows: most };
  return inTransaction(
    client,
    () => range,
    async () => {
      range = await rangeOf(client, sql, journal, most);
      await client.query('BEGIN');
      if (!(await claim(client, journal))) return null;
      const did = range.rows ? await act(range, [...(journal.at ?? []), ...range.at]) : {};
      await advance(client, journal.id, { at: range.at, rows: range.rows, ...did });
      return did.changed ?? 0;
    },
  );
}

/** @param act - begins the transaction. @returns rows that it changed; null: somebody else has gone on from there */
async function inTransaction(
  client: Client,
  range: () => Range,
  act: () => Promise<number | null>,
): Promise<Batch> {
  const began = performance.now();
  try {
    const changed = await act();
    await client.query(changed === null ? 'ROLLBACK' : 'COMMIT');
    if (changed === null) return { is: 'moved' };
    return { is: 'done', ...range(), changed, ms: performance.now() - began };
  } catch (error) {
    const refusal = refusalOf(error);
    // A session that is gone says nothing of what became of its batch: the journal does.
    if (!refusal || isLost(error)) throw error;
    await client.query('ROLLBACK');
    return {
      ...{ is: 'refused', refusal, ...range() },
      ...{ code: codeOf(error) ?? '', error: (error as Error).message },
    };
  }
}

/** Tries one parked row again: done, or gone, it is parked no longer. */
export const tryParked = (
  client: Client,
  sql: BackfillSql,
  journal: Journal,
  key: string[],
): Promise<Batch> =>
  ofOneRow(client, journal, key, async () => {
    const { rowCount } = await client.query(sql.updateOne, key);
    await unpark(client, journal.id, key);
    return rowCount ?? 0;
  });

/** It fails as before. */
export const keepParked = (
  client: Client,
  journal: Journal,
  key: string[],
  refused: { code: string; error: string },
): Promise<Batch> =>
  ofOneRow(client, journal, key, async () => {
    await park(client, journal.id, { key, ...refused });
    return 0;
  });

const ofOneRow = (
  client: Client,
  journal: Journal,
  key: string[],
  act: () => Promise<number>,
): Promise<Batch> =>
  inTransaction(
    client,
    () => ({ at: key, rows: 1 }),
    async () => {
      await client.query('BEGIN');
      if (!(await claim(client, journal))) return null;
      const changed = await act();
      await advance(client, journal.id, { at: key, rows: 1, changed });
      return changed;
    },
  );
