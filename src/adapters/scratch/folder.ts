import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { account, canEnter, folderOutside } from '../account.js';
import { identify, isAlive, type ProcessIdentity } from '../process.js';
import type { Account } from '../run.js';
import { endServerIn } from './end.js';

/** Where a private server lies. */
export interface ScratchFolder {
  /** Of the server's user, closed to all others. */
  path: string;
  /** Ours, closed to all others: for files that a rehearsal's Python reads. */
  own: string;
  /** Whom the server runs as; undefined: ourselves. */
  as: Account | undefined;
  /** Deletes all of it. */
  remove(): Promise<void>;
}

/** Written before anything is made: whoever comes after a crash finds by it what there is. */
interface Note {
  target: string;
  owner: ProcessIdentity | undefined;
  path: string;
}

const rootOf = (state: string): string => join(state, 'scratch');

/**
 * Makes a folder for a private server: below the state folder, or where the user that PostgreSQL runs as gets in.
 *
 * @throws Problem `no-unprivileged-user`
 */
export async function scratchFolder(state: string, target: string): Promise<ScratchFolder> {
  const as = await account();
  const root = rootOf(state);
  const id = randomBytes(6).toString('hex');
  const own = join(root, id);
  await mkdir(own, { recursive: true, mode: 0o711 });
  const path =
    !as || (await canEnter(as, own)) ? join(own, 'server') : await folderOutside(`lockkeeper-scratch-${id}-`);
  const note: Note = { target, owner: await identify(process.pid), path };
  await writeFile(join(own, 'note.json'), JSON.stringify(note), { mode: 0o600 });
  await mkdir(path, { recursive: true });
  if (as) await chown(path, as.uid, as.gid);
  await chmod(path, 0o700);
  return { path, own, as, remove: () => removeAll(own, path) };
}

/** The note goes last. */
async function removeAll(own: string, path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  await rm(own, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Ends private servers that runs have left, and deletes them: those of a target, of which nothing is at work, and
 * those whose worker is gone.
 *
 * @returns targets of those that were found
 */
export async function sweepScratchFolders(state: string, target: string): Promise<string[]> {
  const found: string[] = [];
  for (const id of await readdir(rootOf(state)).catch(() => [])) {
    const own = join(rootOf(state), id);
    const note = await noteIn(own);
    // Without a note it is half made: by somebody who is at work this moment, or who was killed there.
    if (note && note.target !== target && (await isAlive(note.owner))) continue;
    if (note) {
      await endServerIn(join(note.path, 'data'));
      found.push(note.target);
    }
    if (note || (await isOld(own))) await removeAll(own, note?.path ?? join(own, 'server'));
  }
  return found;
}

async function noteIn(own: string): Promise<Note | undefined> {
  try {
    return JSON.parse(await readFile(join(own, 'note.json'), 'utf8')) as Note;
  } catch {
    return undefined;
  }
}

const HALF_MADE_MS = 60_000;

const isOld = async (folder: string): Promise<boolean> =>
  Date.now() - ((await stat(folder).catch(() => undefined))?.mtimeMs ?? 0) > HALF_MADE_MS;
