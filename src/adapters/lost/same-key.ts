import type { Client } from '../postgres/client.js';
import { rowsAt } from './rows-at.js';
import type { Texts } from './streams.js';
import { type Pair, readingOf } from './tables.js';

/** Whether one row of both sides may have a key that is written in two ways. */
export const isLoose = ({ key, live, copy }: Pair): boolean =>
  live !== undefined &&
  copy !== undefined &&
  key.some((name) => {
    const [one, other] = [live, copy].map(({ columns }) => columns.find((column) => column.name === name)!);
    // Values of two types are compared as text: there may be no operator for them.
    return one!.type === other!.type && one!.loose;
  });

/**
 * Asks one side for the rows whose keys the database takes for equal to those of the other side.
 *
 * @param rows - of the other side: hash of the key, hash of the row, and the key's values
 * @returns the same of this side, in the order of `rows`; null: there is none
 */
export async function partners(
  client: Client,
  pair: Pair,
  side: 'live' | 'copy',
  rows: readonly Texts[],
): Promise<(Texts | null)[]> {
  if (!rows.length) return [];
  const { key, hash } = readingOf(pair, side);
  const own = pair.key.map((name) => `t.${name}::text`);
  const keys = rows.map((row) => row.slice(2));
  return rowsAt(client, pair, side, keys, [`md5(${key})`, hash, ...own]);
}
