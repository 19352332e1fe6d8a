import type { Client } from '../postgres/client.js';
import { BATCH, type Counts, shapeOf, type Sides, type Sink, type Some, where } from './buckets.js';
import { addition, subtraction } from './statements.js';
import { merged, none, rowsOf, texts } from './streams.js';
import { type Pair, readingOf } from './tables.js';

/** Without a key rows are told apart by all that they hold, and equal ones are counted. */
export async function byContent(
  { live, copy, signal }: Sides,
  pair: Pair,
  { buckets, known }: Some,
  sink: Sink,
): Promise<Counts> {
  const stream = (client: Client, side: 'live' | 'copy') => {
    if (!pair[side]) return none();
    const { from, hash } = readingOf(pair, side);
    const counted = `SELECT ${hash} COLLATE "C", count(*) FROM ${from}${where(pair, side, buckets)} GROUP BY 1`;
    return rowsOf(client, `${counted} ORDER BY 1`, signal);
  };
  const counts = { inserted: 0, changed: 0, deleted: 0 };
  let found: Copies[] = [];
  const flush = async () => {
    await writeCopies(live, pair, found, sink);
    found = [];
  };
  for await (const [now, then] of merged(stream(live, 'live'), stream(copy, 'copy'))) {
    const [is, was] = [Number(now?.[1] ?? 0), Number(then?.[1] ?? 0)];
    if (is === was) continue;
    const copies = { hash: (now ?? then)![0]!, is, was };
    const before = known.get(copies.hash)?.copies;
    if (before?.was === is && before.is === was) continue;
    counts[is > was ? 'inserted' : 'deleted'] += Math.abs(is - was);
    if (is > was) found.push(copies);
    else await sink.deletes(subtraction(shapeOf(pair), { op: 'remove', is: null, was: null, copies }));
    if (found.length === BATCH) await flush();
  }
  await flush();
  return counts;
}

interface Copies {
  hash: string;
  is: number;
  was: number;
}

async function writeCopies(client: Client, pair: Pair, found: readonly Copies[], sink: Sink): Promise<void> {
  if (!found.length) return;
  const { from, hash } = readingOf(pair, 'live');
  const columns = pair.columns.map(({ name }) => `, t.${name}::text`).join('');
  const rows = await texts(
    client,
    `SELECT DISTINCT ON (1) ${hash}${columns} FROM ${from} WHERE ${hash} = ANY ($1)`,
    [found.map((each) => each.hash)],
  );
  const byHash = new Map(rows.map((row) => [row[0], row.slice(1)]));
  for (const copies of found) {
    const values = byHash.get(copies.hash) ?? [];
    await sink.upserts(addition(shapeOf(pair), values, { op: 'add', is: null, was: null, copies }));
  }
}
