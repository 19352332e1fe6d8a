import type { Client } from '../postgres/client.js';
import {
  BATCH,
  type Counts,
  differingBuckets,
  type Known,
  shapeOf,
  type Sides,
  type Sink,
  type Some,
  where,
} from './buckets.js';
import { byContent } from './compare-content.js';
import { removal, upsert } from './statements.js';
import { merged, none, rowsOf, type Texts, texts } from './streams.js';
import { literal, type Pair, readingOf } from './tables.js';

/**
 * Tells a table's rows of both sides apart, and writes a statement for each that differs. In two passes: rows
 * fall into buckets by their key, and a bucket whose sum is the same on both sides is not looked at again.
 */
export async function compareTable(
  sides: Sides,
  pair: Pair,
  sink: Sink,
  known: Known = new Map(),
): Promise<Counts> {
  const buckets = await differingBuckets(sides, pair);
  if (buckets?.length === 0) return { inserted: 0, changed: 0, deleted: 0 };
  const compare = pair.key.length ? byKey : byContent;
  return compare(sides, pair, { buckets, known }, sink);
}

async function byKey(
  { live, copy, signal }: Sides,
  pair: Pair,
  { buckets, known }: Some,
  sink: Sink,
): Promise<Counts> {
  const stream = (client: Client, side: 'live' | 'copy') => {
    if (!pair[side]) return none();
    const { from, key, hash } = readingOf(pair, side);
    const keys = pair.key.map((name) => `t.${name}::text`).join(', ');
    const order = `ORDER BY md5(${key}) COLLATE "C"`;
    return rowsOf(
      client,
      `SELECT md5(${key}), ${hash}, ${keys} FROM ${from}${where(pair, side, buckets)} ${order}`,
      signal,
    );
  };
  const counts = { inserted: 0, changed: 0, deleted: 0 };
  const shape = shapeOf(pair);
  let found: Found[] = [];
  const flush = async () => {
    for (const { row, values } of await valuesOf(live, pair, found))
      await sink.upserts(upsertOf(pair, row, values));
    found = [];
  };
  for await (const [now, then] of merged(stream(live, 'live'), stream(copy, 'copy'))) {
    if (now && then && now[1] === then[1]) continue;
    if (isKnown(known, now, then)) continue;
    counts[now ? (then ? 'changed' : 'inserted') : 'deleted'] += 1;
    if (now) found.push({ id: now[0]!, key: now.slice(2) as string[], is: now[1]!, was: then?.[1] ?? null });
    else if (then)
      await sink.deletes(
        removal(shape, { op: 'delete', key: then.slice(2) as string[], is: null, was: then[1]! }),
      );
    if (found.length === BATCH) await flush();
  }
  await flush();
  return counts;
}

/** Whether both are just as an earlier restore has left them. */
function isKnown(known: Known, now: Texts | null, then: Texts | null): boolean {
  const note = known.get(JSON.stringify((now ?? then)!.slice(2)));
  return note !== undefined && note.was === (now?.[1] ?? null) && note.is === (then?.[1] ?? null);
}

interface Found {
  /** Hash of the key. */
  id: string;
  key: readonly string[];
  is: string;
  was: string | null;
}

function upsertOf(pair: Pair, { key, is, was }: Found, values: Texts): string {
  const some = pair.only.flatMap(({ name }, i) => {
    const value = values[pair.columns.length + i];
    return value === null || value === undefined ? [] : [[name, value]];
  });
  const also = some.length ? { also: Object.fromEntries(some) as Record<string, string> } : {};
  const note = {
    op: was === null ? ('insert' as const) : ('change' as const),
    key,
    is: is.slice(0, 32),
    was,
    ...also,
  };
  return upsert(shapeOf(pair), values.slice(0, pair.columns.length), note);
}

/** The rows themselves, by their keys. */
async function valuesOf(
  client: Client,
  pair: Pair,
  found: readonly Found[],
): Promise<{ row: Found; values: Texts }[]> {
  if (!found.length) return [];
  const { from, key } = readingOf(pair, 'live');
  const types = pair.key.map((name) => pair.columns.find((column) => column.name === name)!.type);
  const keys = found.map(
    (row) => `(${row.key.map((value, i) => `${literal(value)}::${types[i]}`).join(', ')})`,
  );
  const on = pair.key.map((name, i) => `t.${name} = k.c${i}`).join(' AND ');
  const columns = [...pair.columns, ...pair.only].map(({ name }) => `t.${name}::text`).join(', ');
  const rows = await texts(
    client,
    `SELECT md5(${key}), ${columns} FROM ${from} JOIN (VALUES ${keys.join(', ')})
       AS k(${types.map((_, i) => `c${i}`).join(', ')}) ON ${on}`,
  );
  const byId = new Map(rows.map((row) => [row[0], row.slice(1)]));
  return found.flatMap((row) => {
    const values = byId.get(row.id);
    return values ? [{ row, values }] : [];
  });
}
