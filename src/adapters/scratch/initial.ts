import { createHash, randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { scratchNotStarted } from '../../domain/problems/rehearsal-place.js';
import { run } from '../run.js';
import type { ScratchFolder } from './folder.js';

/** The data of a server that has never run, and its superuser's password. */
export interface Initial {
  data: string;
  password: string;
  /** Where a copy is kept. */
  kept: string;
  /** Whether it is such a copy itself. */
  isCopy: boolean;
}

/**
 * Makes the data of a new server: a copy of what initdb has made for the same programs and the same superuser before,
 * which takes a tenth of the time. Its password is to be changed once the server runs.
 *
 * @param where - the folder with initdb and postgres, and the one that they were found in
 * @throws Problem `scratch-not-started`
 */
export async function initialData(
  { programs, build }: { programs: string; build: string },
  superuser: string,
  folder: ScratchFolder,
): Promise<Initial> {
  const data = join(folder.path, 'data');
  const kept = await placeOf(build, superuser, folder);
  const password = await readFile(join(kept, 'password'), 'utf8').catch(() => '');
  const isCopied = password !== '' && (await copyTo(join(kept, 'data'), data));
  if (isCopied) return { data, password, kept, isCopy: true };
  await rm(data, { recursive: true, force: true });
  const made = { data, password: randomBytes(18).toString('base64url'), kept, isCopy: false };
  await initdb(programs, superuser, made, folder);
  // What cannot be kept is made once more the next time.
  await keep(made, folder).catch(() => undefined);
  return made;
}

/** Another build of the server, another place. */
async function placeOf(build: string, superuser: string, { own, as }: ScratchFolder): Promise<string> {
  const { stdout } = await run(join(build, 'postgres'), ['--version']);
  const key = createHash('sha256').update(JSON.stringify([stdout, build, superuser, as?.uid]));
  return join(dirname(dirname(own)), 'initdb', key.digest('hex').slice(0, 16));
}

/** With its owners and times, and without reading where the disk can share. @returns whether it was done */
const copyTo = async (from: string, to: string): Promise<boolean> =>
  (await run('cp', ['-a', ...(process.platform === 'linux' ? ['--reflink=auto'] : []), from, to])).ok;

async function initdb(
  programs: string,
  superuser: string,
  { data, password }: Initial,
  { path, as }: ScratchFolder,
): Promise<void> {
  const file = join(path, 'password');
  await writeFile(file, password, { mode: 0o600 });
  if (as) await chown(file, as.uid, as.gid);
  const made = await run(
    join(programs, 'initdb'),
    [
      ...['-D', data, '-U', superuser, `--pwfile=${file}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    ],
    { as },
  );
  await rm(file, { force: true });
  if (!made.ok) throw scratchNotStarted('initdb', made.lastWords);
}

/** Whole or not at all: what is half made lies where it is deleted. */
async function keep({ data, password, kept }: Initial, { own }: ScratchFolder): Promise<void> {
  const half = join(own, 'initdb');
  await mkdir(half, { mode: 0o700 });
  await writeFile(join(half, 'password'), password, { mode: 0o600 });
  if (!(await copyTo(data, join(half, 'data')))) return;
  await mkdir(dirname(kept), { recursive: true, mode: 0o711 });
  await rename(half, kept);
}
