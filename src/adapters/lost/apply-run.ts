import type { LostFile, LostIndex, LostRows } from '../../domain/lost.js';
import { lostRefused } from '../../domain/problems/lost.js';
import type { Client } from '../postgres/client.js';
import { codeOf, isLost } from '../postgres/failures.js';
import { type Frame, mayReplace } from './frame.js';
import { batchesOf, type Line } from './lines.js';
import { standingsOf } from './standing.js';
import { byKey } from './statements.js';

/** One table that can be applied here, and which of its statements are to be run. */
export interface Job {
  table: LostRows;
  files: { file: LostFile; todo: Uint8Array; path: string; kind: 'deletes' | 'upserts' }[];
}

interface RunOptions {
  index: LostIndex;
  signal: AbortSignal;
  onProgress: (text: string) => void;
}

/** Runs the statements of one table that are to be run. @throws Problem `lost-refused` */
export async function runStatements(
  client: Client,
  { table, files }: Job,
  wanted: 'deletes' | 'upserts',
  { references }: Frame,
  { index, signal, onProgress }: RunOptions,
): Promise<void> {
  const replace = wanted === 'upserts' && (await mayReplace(client, table.name, references));
  for (const { path, todo } of files.filter(({ kind }) => kind === wanted)) {
    onProgress(`${wanted === 'deletes' ? 'taking rows out of' : 'putting rows into'} ${table.name}`);
    const chosen = (lines: readonly Line[]) => lines.filter(({ at }) => todo[at]);
    // All of them go first: a value that must be unique may have moved from one to another.
    if (replace)
      for await (const lines of batchesOf(path))
        await run(client, index.target, table.name, takenOut(table, chosen(lines)));
    for await (const lines of batchesOf(path)) {
      signal.throwIfAborted();
      await run(
        client,
        index.target,
        table.name,
        chosen(lines).map(({ statement }) => statement),
      );
    }
  }
}

const takenOut = (table: LostRows, lines: readonly Line[]): string[] =>
  lines.flatMap(({ note }) =>
    note.op === 'change' && note.key
      ? [`DELETE FROM ${table.partitioned ? '' : 'ONLY '}${table.name} WHERE ${byKey(table, note.key)}`]
      : [],
  );

async function run(client: Client, target: string, table: string, all: readonly string[]): Promise<void> {
  if (all.length) await refused(target, table, () => client.query(all.join(';\n')));
}

/** Rows that are not what their statements meant: a trigger or a rule has had its own way. A line a table. */
export async function notAsMeant(client: Client, { table, files }: Job): Promise<string[]> {
  let strange = 0;
  for (const { path, todo } of files)
    for await (const lines of batchesOf(path)) {
      const mine = lines.filter(({ at }) => todo[at]);
      if (mine.length)
        strange += (await standingsOf(client, table, mine)).filter((each) => each !== 'done').length;
    }
  return strange ? [`${table.name}: ${strange} rows`] : [];
}

/** @throws Problem `lost-refused` in place of what the database says */
export async function refused<T>(target: string, table: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isLost(error) || codeOf(error) === undefined) throw error;
    const { message, detail } = error as Error & { detail?: string };
    throw lostRefused(target, table, detail ? `${message}: ${detail}` : message);
  }
}
