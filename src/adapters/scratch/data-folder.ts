import { appendFile, chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScratchFolder } from './folder.js';
import { initialData } from './initial.js';
import { careless, type ServerSettings, settingsText } from './settings.js';

/** A data folder that was kept, in place of what initdb makes. */
export interface Kept {
  /** Of its superuser. */
  password: string;
  /** Puts its files into a folder. @returns whether they are what was kept; if not, nothing of them is used */
  fill(data: string): Promise<boolean>;
  /** Deletes what was kept. */
  forget(): Promise<void>;
}

export interface DataFolder {
  path: string;
  /** That the superuser has until it gets another one. */
  password: string;
  /** Whether it was kept, and so has the database. */
  isKept: boolean;
  /** Whether it is a copy of anything. */
  isCopy: boolean;
  /** Deletes what it is a copy of, for when it does not start. */
  forget(): Promise<void>;
}

/** Settings that each start writes anew. */
export const WRITTEN = ['lockkeeper.conf', 'phase.conf'] as const;

interface Options {
  /** With initdb, and the folder that it was found in. */
  programs: string;
  build: string;
  folder: ScratchFolder;
  superuser: string;
  from: Kept | undefined;
}

/** Makes a data folder: of what was kept, where that is whole; else an empty one. @throws Problem `scratch-not-started` */
export async function makeData(options: Options): Promise<DataFolder> {
  const { from, folder } = options;
  const path = join(folder.path, 'data');
  const made =
    from && (await from.fill(path))
      ? { path, password: from.password, isKept: true, isCopy: true, forget: () => from.forget() }
      : await empty(path, options);
  await writeSettings(path, 'phase.conf', careless, folder);
  return made;
}

async function empty(
  path: string,
  { programs, build, superuser, folder }: Omit<Options, 'from'>,
): Promise<DataFolder> {
  await rm(path, { recursive: true, force: true });
  const { password, kept, isCopy } = await initialData({ programs, build }, superuser, folder);
  const includes = WRITTEN.map((name) => `include '${name}'\n`).join('');
  await appendFile(join(path, 'postgresql.conf'), `\n${includes}`);
  const forget = () => rm(kept, { recursive: true, force: true });
  return { path, password, isKept: false, isCopy, forget };
}

/** Writes a file of settings for the server to read. */
export async function writeSettings(
  data: string,
  name: (typeof WRITTEN)[number],
  settings: ServerSettings,
  { as }: ScratchFolder,
): Promise<void> {
  const path = join(data, name);
  await writeFile(path, settingsText(settings), { mode: 0o600 });
  if (as) await chown(path, as.uid, as.gid);
}
