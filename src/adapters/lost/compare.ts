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
import { rowsAt } from './rows-at.js';
import { isLoose, partners } from './same-key.js';
import { removal, upsert } from './statements.js';
import { merged, none, rowsOf, type Texts } from './streams.js';
import { type Pair, readingOf } from './tables.js';

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
  const different = new Different(live, pair, known, sink);
  const loose = isLoose(pair);
  let alone: Both[] = [];
  const pairUp = async () => {
    for (const [now, then] of await pairedUp({ live, copy }, pair, alone)) await different.add(now, then);
    alone = [];
  };
  for await (const [now, then] of merged(stream(live, 'live'), stream(copy, 'copy'))) {
    if (now && then && now[1] === then[1]) continue;
    if (!loose || (now && then)) await different.add(now, then);
    else if (alone.push([now, then]) === BATCH) await pairUp();
  }
  await pairUp();
  return different.end();
}

/** A row as the live one and the copy have it. */
type Both = readonly [Texts | null, Texts | null];

/**
 * Puts rows together whose keys are equal and written in two ways. Each such pair comes twice, once for each side: that
 * of the copy is left out.
 */
async function pairedUp(
  { live, copy }: Pick<Sides, 'live' | 'copy'>,
  pair: Pair,
  alone: readonly Both[],
): Promise<Both[]> {
  const mine = alone.flatMap(([now]) => (now ? [now] : []));
  const theirs = alone.flatMap(([, then]) => (then ? [then] : []));
  const inCopy = await partners(copy, pair, 'copy', mine);
  const inLive = await partners(live, pair, 'live', theirs);
  return [
    ...mine.map((now, i): Both => [now, inCopy[i] ?? null]),
    ...theirs.flatMap((then, i): Both[] => (inLive[i] ? [] : [[null, then]])),
  ];
}

/** Counts the rows that differ, and writes a statement for each. */
class Different {
  readonly #counts = { inserted: 0, changed: 0, deleted: 0 };
  #found: Found[] = [];

  constructor(
    private readonly live: Client,
    private readonly pair: Pair,
    private readonly known: Known,
    private readonly sink: Sink,
  ) {}

  async add(now: Texts | null, then: Texts | null): Promise<void> {
    if (isKnown(this.known, now, then)) return;
    this.#counts[now ? (then ? 'changed' : 'inserted') : 'deleted'] += 1;
    const key = (now ?? then)!.slice(2) as string[];
    if (now) this.#found.push({ key, is: now[1]!, was: then?.[1] ?? null });
    else
      await this.sink.deletes(removal(shapeOf(this.pair), { op: 'delete', key, is: null, was: then![1]! }));
    if (this.#found.length === BATCH) await this.#flush();
  }

  async end(): Promise<Counts> {
    await this.#flush();
    return this.#counts;
  }

  async #flush(): Promise<void> {
    const { columns, only } = this.pair;
    const keys = this.#found.map(({ key }) => key);
    const asked = [...columns, ...only].map(({ name }) => `t.${name}::text`);
    const rows = await rowsAt(this.live, this.pair, 'live', keys, asked);
    for (const [i, found] of this.#found.entries()) {
      const values = rows[i];
      if (values) await this.sink.upserts(upsertOf(this.pair, found, values));
    }
    this.#found = [];
  }
}

/** Whether both are just as an earlier restore has left them. */
function isKnown(known: Known, now: Texts | null, then: Texts | null): boolean {
  // The same key may be written in another way on the other side.
  const note = [now, then].flatMap((row) => (row && known.get(JSON.stringify(row.slice(2)))) ?? [])[0];
  return note !== undefined && note.was === (now?.[1] ?? null) && note.is === (then?.[1] ?? null);
}

interface Found {
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
