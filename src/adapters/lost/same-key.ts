import type { Client } from '../postgres/client.js';
import { type Texts, texts } from './streams.js';
import { literal, type Pair, readingOf } from './tables.js';

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
  const { from, key, hash } = readingOf(pair, side);
  const types = pair.key.map((name) => pair.columns.find((column) => column.name === name)!.type);
  const keys = rows.map(
    (row, i) => `(${i}, ${types.map((type, k) => `${literal(row[k + 2]!)}::${type}`).join(', ')})`,
  );
  const on = pair.key.map((name, k) => `t.${name} = k.c${k}`).join(' AND ');
  const own = pair.key.map((name) => `t.${name}::text`).join(', ');
  const found = await texts(
    client,
    `SELECT k.i, md5(${key}), ${hash}, ${own} FROM (VALUES ${keys.join(', ')})
       AS k(i, ${types.map((_, k) => `c${k}`).join(', ')}) JOIN ${from} ON ${on}`,
  );
  const byPlace = new Map(found.map(([i, ...row]) => [Number(i), row]));
  return rows.map((_, i) => byPlace.get(i) ?? null);
}
