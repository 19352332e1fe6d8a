import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bytes, DAY_MS } from '../../domain/units.js';
import { tellRead } from '../backup/hashes.js';
import { freeBytes, writeAtomically } from '../disk.js';
import { run } from '../run.js';
import { type CopyOptions, copyTree, differenceOf, type Tree, type TreeFile, treeOf } from './copy-tree.js';
import { type Kept, WRITTEN } from './data-folder.js';
import type { ScratchFolder } from './folder.js';

/** What was known of a copy when it was kept. */
export interface TemplateNote {
  formatVersion: 1;
  /** Stands for all that went into it: what says the same becomes the same copy. */
  key: string;
  /** The backup that it was restored of. */
  backup: { id: string; manifest: string };
  /** When it was kept: ISO 8601, UTC. */
  at: string;
  /** Of its superuser: worth as much as the files beside it. */
  password: string;
  restored: { ms: number; bytes: number; notes: readonly string[] };
  folders: readonly string[];
  files: readonly TreeFile[];
}

/** A data folder of a private server, kept right after it was restored and compared. */
export interface Template {
  folder: string;
  note: TemplateNote;
}

/** Below the state folder: closed to all but the worker's user, as the backups are. */
const rootOf = (state: string, target: string): string => join(state, 'templates', target);
const filesOf = (folder: string): string => join(folder, 'data');

/** @returns those of a target; without a note it is none yet */
export async function templatesOf(state: string, target: string): Promise<Template[]> {
  const root = rootOf(state, target);
  const folders = (await readdir(root).catch(() => [])).map((id) => join(root, id));
  const all = await Promise.all(folders.map(async (folder) => ({ folder, note: await noteIn(folder) })));
  return all.filter((each): each is Template => each.note !== undefined);
}

async function noteIn(folder: string): Promise<TemplateNote | undefined> {
  try {
    const note = JSON.parse(await readFile(join(folder, 'note.json'), 'utf8')) as TemplateNote;
    return note.formatVersion === 1 ? note : undefined;
  } catch {
    return undefined;
  }
}

/**
 * How a private server begins with a template. Each file of the copy is hashed: where one is not what was kept, the
 * template is deleted, and the server begins empty.
 *
 * @param onDamage - told what is wrong with it, in words
 */
export const fromTemplate = (
  { folder, note }: Template,
  { as }: ScratchFolder,
  signal: AbortSignal,
  tell: { onProgress: (text: string) => void; onDamage: (why: string) => void },
): Kept => ({
  password: note.password,
  forget: async () => {
    await rm(folder, { recursive: true, force: true });
    tell.onDamage('the server does not start with it');
  },
  fill: async (data) => {
    const onBytes = tellRead('copying the kept copy', sizeOf(note.files), tell.onProgress);
    const why = await copyTree(filesOf(folder), data, note, { as, signal, onBytes }).then(
      (copied) => differenceOf(note.files, copied),
      (error: Error) => error.message,
    );
    signal.throwIfAborted();
    if (why === undefined) return true;
    await rm(folder, { recursive: true, force: true });
    tell.onDamage(why);
    return false;
  },
});

const sizeOf = (files: readonly { bytes: number }[]): number =>
  files.reduce((sum, each) => sum + each.bytes, 0);

export interface KeepOptions {
  state: string;
  target: string;
  /** Folder with pg_controldata. */
  programs: string;
  folder: ScratchFolder;
  /** Most that it may take, in bytes. */
  limit: number;
  signal: AbortSignal;
  onProgress: (text: string) => void;
}

/**
 * Keeps the data folder of a server that was stopped, in place of what was kept before. That it could not be kept is
 * told, and never an error.
 *
 * @returns in words, what came of it
 */
export async function keepTemplate(
  data: string,
  about: Omit<TemplateNote, 'formatVersion' | 'at' | 'folders' | 'files'>,
  options: KeepOptions,
): Promise<string> {
  const { state, target, signal } = options;
  await rm(rootOf(state, target), { recursive: true, force: true });
  const folder = join(rootOf(state, target), randomBytes(6).toString('hex'));
  try {
    const tree = await treeOf(data, await neededBy(data, options));
    const size = sizeOf(tree.files);
    const refused = await whyTooLarge(size, options);
    if (refused) return `the copy is not kept: ${refused}`;
    await keep(folder, data, { tree, about }, options);
    return `the copy is kept for the next rehearsal (${bytes(size)})`;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    signal.throwIfAborted();
    return `the copy could not be kept: ${(error as Error).message}`;
  }
}

async function whyTooLarge(size: number, { limit, state }: KeepOptions): Promise<string | undefined> {
  if (size > limit) return `it has ${bytes(size)}, and rehearsal.template.diskGiB allows ${bytes(limit)}`;
  const free = await freeBytes(state);
  // As much again stays free for whoever else writes there.
  return free < 2 * size
    ? `it has ${bytes(size)}, and the disk of ${state} has ${bytes(free)} left`
    : undefined;
}

async function keep(
  folder: string,
  data: string,
  { tree, about }: { tree: Tree; about: Parameters<typeof keepTemplate>[1] },
  { signal, onProgress }: KeepOptions,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const onBytes = tellRead('keeping the copy', sizeOf(tree.files), onProgress);
  const copy: CopyOptions = { as: undefined, signal, onBytes };
  const files = await copyTree(data, filesOf(folder), tree, copy);
  const at = new Date().toISOString();
  const note: TemplateNote = { formatVersion: 1, ...about, at, folders: tree.folders, files };
  await writeAtomically(join(folder, 'note.json'), JSON.stringify(note));
}

/**
 * Of the write-ahead log a server that was stopped cleanly needs the file with its last checkpoint.
 *
 * @returns whether a file of the data folder is needed, by its path there
 */
async function neededBy(data: string, { programs, folder }: KeepOptions): Promise<(path: string) => boolean> {
  const told = await run(join(programs, 'pg_controldata'), ['-D', data], { as: folder.as });
  const wal = /REDO WAL file:\s+(\S+)/.exec(told.stdout)?.[1];
  if (!wal || !/cluster state:\s+shut down\n/.test(told.stdout))
    throw new Error(`pg_controldata does not say that it was stopped cleanly: ${told.lastWords}`);
  const without = new Set<string>(['postmaster.pid', 'postmaster.opts', ...WRITTEN]);
  return (path) => (path.startsWith('pg_wal/') ? path === `pg_wal/${wal}` : !without.has(path));
}

/**
 * Deletes what nobody is to begin with any more, and what was never finished. For when no step of the target is at work.
 *
 * @param keepDays - how long one is kept; undefined: none is
 * @returns backups of those that were deleted, by their ids
 */
export async function sweepTemplates(
  state: string,
  target: string,
  keepDays: number | undefined,
): Promise<string[]> {
  const deleted: string[] = [];
  const kept = new Set<string>();
  for (const { folder, note } of await templatesOf(state, target)) {
    const isOld = Date.now() - Date.parse(note.at) > (keepDays ?? 0) * DAY_MS;
    const isThere = await stat(note.backup.manifest).catch(() => undefined);
    if (keepDays !== undefined && !isOld && isThere) kept.add(folder);
    else deleted.push(note.backup.id);
  }
  const root = rootOf(state, target);
  for (const id of await readdir(root).catch(() => []))
    if (!kept.has(join(root, id))) await rm(join(root, id), { recursive: true, force: true });
  return deleted;
}
