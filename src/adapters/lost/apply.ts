import { join } from 'node:path';
import type { LostIndex, LostRows } from '../../domain/lost.js';
import { lockHeld } from '../../domain/problems/alembic-run.js';
import { lostConflicts, lostNotSame } from '../../domain/problems/lost.js';
import { lockHolder, tryAdvisoryLock } from '../postgres/advisory-lock.js';
import type { Client } from '../postgres/client.js';
import { type Job, notAsMeant, refused, runStatements } from './apply-run.js';
import { SETTINGS } from './folder.js';
import { frame } from './frame.js';
import { batchesOf, type Line } from './lines.js';
import { standingsOf } from './standing.js';
import { moveSequences } from './sequences.js';
import { tablesOf } from './tables.js';

export interface ApplyOptions {
  path: string;
  index: LostIndex;
  /** Look, and change nothing. */
  dryRun: boolean;
  /** Put in all other rows where some have been written since. */
  leaveConflicts: boolean;
  signal: AbortSignal;
  onProgress: (text: string) => void;
}

/** What came of it, or would. */
export interface Applied {
  /** Rows that were put in, changed or taken out. */
  rows: number;
  tables: number;
  /** Rows that are already as they will be. */
  already: number;
  /** Rows that somebody has written since, and the first of them, a line each. */
  conflicting: number;
  conflicts: string[];
  /** What this database has no place for, a line each. */
  left: string[];
}

/**
 * Puts rows that a restore took away back into the database that runs now, in one transaction: what was inserted
 * and changed is written, what was deleted is deleted again. A row that somebody has written since is a conflict.
 * Safe to repeat: a row that is as it will be is left alone. Every row is looked at again before the end.
 *
 * @throws Problem `lost-conflicts`, `lost-not-same`, `lost-refused`; `lock-held` (retried)
 */
export async function applyLost(client: Client, options: ApplyOptions): Promise<Applied> {
  const { index, dryRun, leaveConflicts } = options;
  if (!dryRun) await locked(client);
  await client.query(`BEGIN; ${SETTINGS.map((each) => `SET LOCAL ${each}`).join('; ')}`);
  try {
    const { jobs, left } = await jobsOf(client, options);
    if (!dryRun) await lockTables(client, jobs, options);
    const applied: Applied = { rows: 0, tables: 0, already: 0, conflicting: 0, conflicts: [], left };
    for (const job of jobs) await look(client, job, applied, options);
    if (dryRun) return applied;
    if (applied.conflicting && !leaveConflicts) throw lostConflicts(index, applied);
    await put(client, jobs, options);
    await client.query('COMMIT');
    return applied;
  } finally {
    // After a COMMIT it does nothing.
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

async function locked(client: Client): Promise<void> {
  if (await tryAdvisoryLock(client)) return;
  const holder = await lockHolder(client);
  throw lockHeld(holder ? { ...holder, user: null, since: null } : null);
}

async function jobsOf(
  client: Client,
  { path, index }: ApplyOptions,
): Promise<{ jobs: Job[]; left: string[] }> {
  const here = new Map((await tablesOf(client)).map((table) => [table.name, table]));
  const left: string[] = [];
  const jobs = index.tables.flatMap((table): Job[] => {
    const files = (['deletes', 'upserts'] as const).flatMap((kind) => {
      const file = table[kind];
      const todo = new Uint8Array(file?.statements ?? 0);
      return file ? [{ file, todo, path: join(path, file.file), kind }] : [];
    });
    if (!files.length) return [];
    const columns = new Set(here.get(table.name)?.columns.map(({ name }) => name));
    const missing = table.columns.filter(({ name }) => !columns.has(name)).map(({ name }) => name);
    if (!missing.length) return [{ table, files }];
    const why = here.has(table.name) ? `it has no ${missing.join(', ')} here` : 'there is no such table here';
    left.push(`${table.name}: ${files.map(({ file }) => file.file).join(', ')}: ${why}`);
    return [];
  });
  return { jobs, left };
}

/** Nobody may write to them meanwhile; readers are not kept waiting. */
async function lockTables(client: Client, jobs: readonly Job[], { index }: ApplyOptions): Promise<void> {
  if (!jobs.length) return;
  const names = jobs.map(({ table }) => `${table.partitioned ? '' : 'ONLY '}${table.name}`).join(', ');
  await client.query(`SET LOCAL lock_timeout = '5s'`);
  await refused(index.target, names, () => client.query(`LOCK TABLE ${names} IN SHARE ROW EXCLUSIVE MODE`));
}

async function look(client: Client, job: Job, applied: Applied, { signal, onProgress }: ApplyOptions) {
  onProgress(`looking at ${job.table.name}`);
  const before = applied.rows;
  for (const { path, todo } of job.files)
    for await (const lines of batchesOf(path)) {
      signal.throwIfAborted();
      for (const [i, standing] of (await standingsOf(client, job.table, lines)).entries()) {
        const { at, note } = lines[i]!;
        const rows = note.copies ? Math.abs(note.copies.is - note.copies.was) : 1;
        if (standing === 'done') applied.already += rows;
        else if (standing === 'to do') [applied.rows, todo[at]] = [applied.rows + rows, 1];
        else conflict(applied, `${job.table.name} ${nameOf(job.table, lines[i]!)}`);
      }
    }
  if (applied.rows > before) applied.tables += 1;
}

/** As many as anybody reads. */
const MOST_NAMED = 1_000;

function conflict(applied: Applied, words: string): void {
  applied.conflicting += 1;
  if (applied.conflicts.length < MOST_NAMED) applied.conflicts.push(words);
}

const nameOf = ({ key }: LostRows, { note }: Line): string =>
  note.key
    ? `(${key.map((name, i) => `${name} = ${note.key![i]}`).join(', ')}): ${note.op}`
    : `row ${note.copies?.hash.slice(0, 8)}: ${note.op}`;

async function put(client: Client, jobs: readonly Job[], options: ApplyOptions): Promise<void> {
  const { target } = options.index;
  const names = jobs.map(({ table }) => table.name);
  const framed = await refused(target, names.join(', '), () => frame(client, names));
  for (const job of jobs.toReversed()) await runStatements(client, job, 'deletes', framed, options);
  for (const job of jobs) await runStatements(client, job, 'upserts', framed, options);
  await moveSequences(client, options.index.sequences);
  await refused(target, names.join(', '), () => framed.end());
  const strange: string[] = [];
  for (const job of jobs) strange.push(...(await notAsMeant(client, job)));
  if (strange.length) throw lostNotSame(target, strange);
}
