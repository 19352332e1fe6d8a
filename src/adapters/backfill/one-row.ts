import type { Client } from '../postgres/client.js';
import { inTransaction } from '../postgres/transaction.js';
import { answered, rangeOf, type Batch, type Range } from './batch.js';
import { advance, claim, type Advance, type Journal } from './journal.js';
import { isParked, park, unpark } from './parked.js';
import type { BackfillSql } from './sql.js';

export interface Refused {
  code: string;
  error: string;
}

/** Passes over the one row after the last one that was done. @param refused - why: then it is parked; null: it only counts as differing, where it is not parked */
export const passOver = (
  client: Client,
  sql: BackfillSql,
  journal: Journal,
  refused: Refused | null,
): Promise<Batch> =>
  ofOneRow(
    client,
    journal,
    () => rangeOf(client, sql, journal, 1),
    async ({ at }) => {
      if (!refused) return { differ: (await isParked(client, journal.id, at)) ? 0 : 1 };
      await park(client, journal.id, { key: at, ...refused });
      return {};
    },
  );

/** Tries one parked row again: done, or gone, it is parked no longer. @param change - in its transaction: how many rows it changed */
export const tryParked = (
  client: Client,
  journal: Journal,
  key: string[],
  change: () => Promise<number>,
): Promise<Batch> =>
  ofOneRow(client, journal, one(key), async () => {
    const changed = await change();
    await unpark(client, journal.id, key);
    return { changed };
  });

/** It fails as before. */
export const keepParked = (
  client: Client,
  journal: Journal,
  key: string[],
  refused: Refused,
): Promise<Batch> =>
  ofOneRow(client, journal, one(key), async () => {
    await park(client, journal.id, { key, ...refused });
    return {};
  });

const one = (at: string[]) => (): Range => ({ at, rows: 1 });

/** @param act - @returns what is added to the journal */
function ofOneRow(
  client: Client,
  journal: Journal,
  find: () => Range | Promise<Range>,
  act: (range: Range) => Promise<Pick<Advance, 'changed' | 'differ'>>,
): Promise<Batch> {
  let range: Range = { at: [], rows: 1 };
  return answered(
    () => range,
    () =>
      inTransaction(client, async () => {
        if (!(await claim(client, journal))) return null;
        range = await find();
        const did = range.rows ? await act(range) : {};
        await advance(client, journal.id, { ...range, ...did });
        return { changed: did.changed ?? 0, ahead: null };
      }),
  );
}
