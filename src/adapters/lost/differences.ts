import type { LostIndex, LostRows, LostTable } from '../../domain/lost.js';
import { bytes } from '../../domain/units.js';
import { givingWay } from '../backup/blockers.js';
import { takeSnapshot } from '../backup/snapshot.js';
import type { Client } from '../postgres/client.js';
import { identity } from '../postgres/identity.js';
import type { Sides, Sink } from './buckets.js';
import { compareTable } from './compare.js';
import { LostFolder, SETTINGS } from './folder.js';
import { knownRows } from './lines.js';
import { parentsFirst } from './order.js';
import { referencesOf } from './references.js';
import { type Pair, pairs, tablesOf } from './tables.js';

export interface DifferenceOptions {
  /** The folder that the rows are written into. */
  path: string;
  id: string;
  target: string;
  /** What the live database is compared with, in words. */
  comparedWith: string;
  /** Tables whose rows do not count, such as Alembic's. */
  leaveOut?: readonly string[];
  /** Only these. */
  only?: readonly string[];
  /** An earlier folder: what is still as that restore left it was not written since. */
  since?: { path: string; index: LostIndex };
  /** Larger tables are not compared row by row. */
  mostBytes: number;
  /** What the server's counters know of a table that is not compared, in words. */
  bound?: (table: string) => string;
  signal: AbortSignal;
  onProgress: (text: string) => void;
}

export interface Difference {
  index: LostIndex;
  /** Of the index; hexadecimal. */
  sha256: string;
}

const LOCK_TIMEOUT_MS = 5_000;

/**
 * Finds out, row by row, what a live database holds that another one, which is to take its place, does not, and
 * writes it into files that can be applied again. Both are read as of one moment each; nothing is changed in either.
 *
 * @throws Problem `backup-blocked` (retried), those of `takeSnapshot`
 */
export async function differences(
  live: Client,
  copy: Client,
  options: DifferenceOptions,
): Promise<Difference> {
  const folder = await LostFolder.begin(options.path);
  try {
    await copy.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const moment = await givingWay(live, LOCK_TIMEOUT_MS, () => takeSnapshot(live));
    for (const client of [live, copy])
      await client.query(SETTINGS.map((each) => `SET LOCAL ${each}`).join('; '));
    const tables = await tableByTable({ live, copy, signal: options.signal }, folder, options);
    const { database: name, oid } = await identity(live);
    const { id, target, comparedWith } = options;
    const about = { id, target, database: { name, oid }, comparedWith, at: moment.at };
    const index: LostIndex = { formatVersion: 1, ...about, tables, sequences: moment.sequences };
    return { index, sha256: await folder.publish(index) };
  } finally {
    await Promise.allSettled([live.query('ROLLBACK'), copy.query('ROLLBACK')]);
    await folder.discard();
  }
}

async function tableByTable(
  sides: Sides,
  folder: LostFolder,
  options: DifferenceOptions,
): Promise<LostRows[]> {
  const all = pairs(await tablesOf(sides.live), await tablesOf(sides.copy)).filter(
    ({ name }) => !options.leaveOut?.includes(name) && (options.only?.includes(name) ?? true),
  );
  const names = all.map(({ name }) => name);
  const order = parentsFirst(names, [
    ...(await referencesOf(sides.copy)),
    ...(await referencesOf(sides.live)),
  ]);
  const tables: LostRows[] = [];
  for (const [index, name] of order.entries()) {
    options.onProgress(`comparing row by row: ${index + 1} of ${order.length} tables`);
    const pair = all.find((each) => each.name === name)!;
    const shape = {
      name,
      key: pair.key,
      columns: pair.columns.map(({ name, type, identity, loose }) => ({
        ...{ name, type, identity },
        ...(loose ? { loose } : {}),
      })),
      partitioned: (pair.copy ?? pair.live)!.partitioned,
    };
    tables.push(
      await folder.table(shape, { index, of: order.length }, (sink) => compared(sides, pair, sink, options)),
    );
  }
  return tables;
}

async function compared(
  sides: Sides,
  pair: Pair,
  sink: Sink,
  { mostBytes, bound, since }: DifferenceOptions,
): Promise<LostTable> {
  const { name, live, copy } = pair;
  const nothing = { name, inserted: 0, changed: 0, deleted: 0 };
  if (!live) return { ...nothing, rows: null, where: 'only backup' };
  const where = copy ? ('both' as const) : ('only live' as const);
  const size = live.bytes + (copy?.bytes ?? 0);
  if (size > mostBytes) {
    const unsure = `of ${bytes(live.bytes)} it was not compared row by row; ${bound?.(name) ?? 'nothing else is known'}`;
    return { ...nothing, rows: null, where, unsure };
  }
  const rows = await countOf(sides.live, pair);
  const earlier = since?.index.tables.find((each) => each.name === name);
  const known = since ? await knownRows(since.path, earlier) : undefined;
  const counts = await compareTable(sides, pair, sink, known);
  const blind = copy && !pair.key.length && pair.only.length;
  return {
    ...{ name, ...counts, rows, where },
    ...(blind ? { unsure: `it has no key: what stands in ${namesOf(pair)} was not compared` } : {}),
  };
}

const namesOf = ({ only }: Pair): string => only.map(({ name }) => name).join(', ');

async function countOf(client: Client, { name, live }: Pair): Promise<number> {
  const from = `${live!.partitioned ? '' : 'ONLY '}${name}`;
  const { rows } = await client.query<{ n: number }>(`SELECT count(*)::float8 AS n FROM ${from}`);
  return rows[0]?.n ?? 0;
}
