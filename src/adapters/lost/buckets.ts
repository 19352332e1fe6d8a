import type { LostRows } from '../../domain/lost.js';
import type { Client } from '../postgres/client.js';
import type { RowNote } from './statements.js';
import { texts } from './streams.js';
import { type Pair, readingOf } from './tables.js';

/** Takes the lines of one table. */
export interface Sink {
  deletes(line: string): Promise<void>;
  upserts(line: string): Promise<void>;
}

export interface Sides {
  live: Client;
  copy: Client;
  signal: AbortSignal;
}

/**
 * Rows that an earlier restore took away, by their key as JSON, or by their hash: those that are still as it left
 * them were not written since.
 */
export type Known = ReadonlyMap<string, RowNote>;

/** Which rows are compared. */
export interface Some {
  /** null: all of them. */
  buckets: string[] | null;
  known: Known;
}

export type Counts = Pick<LostRows, 'inserted' | 'changed' | 'deleted'>;

/** As many rows as are fetched with their values at a time. */
export const BATCH = 500;

export const shapeOf = ({ name, key, columns, live, copy }: Pair) => ({
  ...{ name, key, columns },
  partitioned: (copy ?? live)!.partitioned,
});

/** Below this all rows are compared at once. */
const FEW = 5_000;
const PER_BUCKET = 200;
const MOST_BUCKETS = 2 ** 16;

/** @returns null: all of them */
export async function differingBuckets(sides: Sides, pair: Pair): Promise<string[] | null> {
  const rows = Math.max(pair.live?.estimate ?? 0, pair.copy?.estimate ?? 0, guess(pair));
  if (!pair.live || !pair.copy || rows < FEW) return null;
  const size = Math.min(MOST_BUCKETS, 2 ** Math.ceil(Math.log2(rows / PER_BUCKET)));
  const [live, copy] = await Promise.all(
    (['live', 'copy'] as const).map(async (side) => {
      const { from, hash } = readingOf(pair, side);
      const sums = `SELECT ${bucket(pair, side, size)} AS b, count(*), sum(hashtextextended(${hash}, 0)) FROM ${from} GROUP BY 1`;
      return new Map((await texts(sides[side], sums)).map(([b, n, sum]) => [b!, `${n} ${sum}`]));
    }),
  );
  return [...new Set([...live!.keys(), ...copy!.keys()])]
    .filter((b) => live!.get(b) !== copy!.get(b))
    .map((b) => `${b}/${size}`);
}

/** A table that was never analysed: by its size. */
const guess = ({ live, copy }: Pair): number => Math.max(live?.bytes ?? 0, copy?.bytes ?? 0) / 1_000;

const bucket = (pair: Pair, side: 'live' | 'copy', size: number): string =>
  `(hashtextextended(${readingOf(pair, side).key}, 1) & ${size - 1})`;

export function where(pair: Pair, side: 'live' | 'copy', buckets: readonly string[] | null): string {
  if (!buckets) return '';
  const size = Number(buckets[0]!.split('/')[1]);
  const some = buckets.map((each) => each.split('/')[0]).join(',');
  return ` WHERE ${bucket(pair, side, size)} = ANY ('{${some}}'::int8[])`;
}
