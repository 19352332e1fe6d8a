import type { Client } from '../postgres/client.js';
import { type Texts, texts } from './streams.js';
import { literal, type Pair, readingOf } from './tables.js';

/**
 * Asks one side for the rows whose keys the database takes for equal to these.
 *
 * @param keys - values of the columns of the key, in its order
 * @param columns - SQL of what is asked of each row, which is `t`
 * @returns these columns, in the order of `keys`; null: there is no such row
 */
export async function rowsAt(
  client: Client,
  pair: Pair,
  side: 'live' | 'copy',
  keys: readonly Texts[],
  columns: readonly string[],
): Promise<(Texts | null)[]> {
  if (!keys.length) return [];
  const types = pair.key.map((name) => pair.columns.find((column) => column.name === name)!.type);
  const values = keys.map(
    (key, i) => `(${i}, ${types.map((type, k) => `${literal(key[k]!)}::${type}`).join(', ')})`,
  );
  const on = pair.key.map((name, k) => `t.${name} = k.c${k}`).join(' AND ');
  const found = await texts(
    client,
    `SELECT k.i, ${columns.join(', ')} FROM (VALUES ${values.join(', ')})
       AS k(i, ${types.map((_, k) => `c${k}`).join(', ')}) JOIN ${readingOf(pair, side).from} ON ${on}`,
  );
  const byPlace = new Map(found.map(([i, ...row]) => [Number(i), row]));
  return keys.map((_, i) => byPlace.get(i) ?? null);
}
