import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CopiedFile, CopyRecord } from '../../domain/copies.js';
import { Problem } from '../../domain/problem.js';
import { copyEncrypted, storeLies } from '../../domain/problems/store.js';
import { bytes } from '../../domain/units.js';
import { isWithin } from '../backup/backup-files.js';
import { publish, syncPath } from '../disk.js';
import type { Escrow } from './escrow.js';
import { wholeOf } from './put-file.js';
import { Hashing, type Store } from './store.js';

export interface FetchOptions {
  /** Where backups lie. */
  folder: string;
  /** Decrypts; without it an encrypted copy cannot be fetched. */
  escrow?: Escrow;
  signal: AbortSignal;
  onProgress: (text: string) => void;
}

/**
 * Fetches a backup from one of its copies: all its files, each hashed as it lies in the store and as it was backed
 * up; they get their names when all are there, the manifest last. What is there under these names must have been put
 * aside before.
 *
 * @param name - what the names of its files begin with
 * @throws Problem `copy-encrypted`, `store-lies`; those of the store
 */
export async function fetchCopy(
  store: Store,
  name: string,
  record: CopyRecord,
  options: FetchOptions,
): Promise<void> {
  const { encryption, files } = record;
  if (encryption && !options.escrow) throw copyEncrypted(store.where, encryption.recipients);
  const strange = files.find(({ path }) => !isWithin(path) || !path.startsWith(`${name}.`));
  if (strange)
    throw storeLies(store.where, strange.key, `it would be ${strange.path}, which is no file of ${name}`);
  await removeOldParts(options.folder, name);
  const part = join(options.folder, `${name}.fetched.${randomBytes(4).toString('hex')}.part`);
  await mkdir(part, { recursive: true, mode: 0o700 });
  try {
    const whole = files.reduce((sum, file) => sum + file.bytes, 0);
    let before = 0;
    for (const file of files) {
      const tell = (done: number) =>
        options.onProgress(`${store.name}: fetched ${bytes(before + done)} of ${bytes(whole)}`);
      await fetchFile(store, file, join(part, ...file.path.split('/')), {
        ...options,
        encrypted: encryption !== null,
        tell,
      });
      before += file.bytes;
    }
    await giveNames(part, options.folder, `${name}.json`);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

const OLD_MS = 86_400_000;

/** Of whoever was killed while fetching; one that works has written lately. */
async function removeOldParts(folder: string, name: string): Promise<void> {
  const parts = (await readdir(folder).catch(() => [])).filter(
    (each) => each.startsWith(`${name}.fetched.`) && each.endsWith('.part'),
  );
  for (const part of parts) {
    const { mtimeMs } = await stat(join(folder, part));
    if (Date.now() - mtimeMs > OLD_MS) await rm(join(folder, part), { recursive: true, force: true });
  }
}

interface FileOptions extends FetchOptions {
  encrypted: boolean;
  tell: (bytes: number) => void;
}

async function fetchFile(store: Store, file: CopiedFile, to: string, options: FileOptions): Promise<void> {
  const { signal, escrow, encrypted, tell } = options;
  const stored = new Hashing();
  const plain = new Hashing();
  const lies = (why: string) => storeLies(store.where, file.key, why);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const handle = await open(to, 'wx', 0o600);
  try {
    const body = stored.through(wholeOf(store, file.key, file.storedBytes, signal), tell);
    const wanted = encrypted && escrow ? await escrow.decrypt(body, signal) : body;
    for await (const chunk of plain.through(wanted)) await handle.writeFile(chunk);
    await handle.sync();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Problem || isOfDisk(error)) throw error;
    // What cannot be decrypted is not what was encrypted, or the key is another.
    throw lies((error as Error).message);
  } finally {
    await handle.close();
  }
  if (stored.digest().sha256 !== file.storedSha256)
    throw lies('its bytes are others than were written there');
  if (plain.digest().sha256 !== file.sha256) throw lies('decrypted, it is not what was backed up');
}

const isOfDisk = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EIO'].includes(String((error as NodeJS.ErrnoException).code));

/** Folders and files at the top; what a manifest names must be there before it is. */
async function giveNames(part: string, folder: string, manifest: string): Promise<void> {
  const names = await readdir(part);
  const isThere = async (name: string) => Boolean(await stat(join(folder, name)).catch(() => undefined));
  for (const name of names.filter((each) => each !== manifest))
    if (!(await isThere(name))) await rename(join(part, name), join(folder, name));
  await syncPath(folder);
  if (names.includes(manifest) && !(await isThere(manifest)))
    await publish(join(part, manifest), join(folder, manifest));
}
