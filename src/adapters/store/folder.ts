import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { storeKeyTaken, storeLies, storeRefuses, storeUnreachable } from '../../domain/problems/store.js';
import { Problem } from '../../domain/problem.js';
import { syncPath } from '../disk.js';
import { Hashing, type Digest, type Store, type Stored, type Watch } from './store.js';

/** Copies in another local folder: another disk, a mounted share. Private, as the backups themselves. */
export class FolderStore implements Store {
  readonly where: string;

  constructor(
    readonly name: string,
    private readonly folder: string,
  ) {
    this.where = folder;
  }

  async put(
    key: string,
    body: AsyncIterable<Uint8Array>,
    _: number,
    { signal, onBytes }: Watch,
  ): Promise<Digest> {
    const path = this.#path(key);
    const part = `${path}.${randomBytes(4).toString('hex')}.part`;
    return this.#told(async () => {
      await this.#makeFolder(dirname(path));
      try {
        const digest = await write(part, body, onBytes, signal);
        // Linking fails where renaming would take the place of what is there.
        await link(part, path).catch((error: NodeJS.ErrnoException) => {
          throw error.code === 'EEXIST' ? storeKeyTaken(this.where, key) : error;
        });
        await syncPath(dirname(path));
        return digest;
      } finally {
        await rm(part, { force: true });
      }
    });
  }

  head = (key: string): Promise<Stored | undefined> =>
    this.#told(async () => {
      const found = await stat(this.#path(key)).catch(unlessMissing);
      return found && { key, bytes: found.size };
    });

  async read(key: string, signal: AbortSignal, range?: { start: number; end: number }) {
    if (!(await this.head(key))) throw storeLies(this.where, key, 'it is not there');
    return createReadStream(this.#path(key), { ...range, signal, highWaterMark: 2 ** 20 });
  }

  async *list(prefix: string): AsyncIterable<Stored> {
    for (const key of await this.#keys(prefix))
      if (!key.endsWith('.part')) yield { key, bytes: (await this.head(key))?.bytes ?? 0 };
  }

  remove = (key: string): Promise<void> =>
    this.#told(async () => {
      await rm(this.#path(key), { force: true });
      // Its folders go with the last file in them.
      for (let at = dirname(this.#path(key)); at.startsWith(this.folder + sep); at = dirname(at))
        if (
          !(await rmdir(at).then(
            () => true,
            () => false,
          ))
        )
          break;
    });

  async sweep(prefix: string): Promise<void> {
    for (const key of await this.#keys(prefix)) if (key.endsWith('.part')) await this.remove(key);
  }

  #keys = (prefix: string): Promise<string[]> =>
    this.#told(async () => {
      const entries = await readdir(this.#path(prefix.slice(0, prefix.lastIndexOf('/') + 1)), {
        recursive: true,
        withFileTypes: true,
      }).catch(unlessMissing);
      return (entries ?? [])
        .filter((entry) => entry.isFile())
        .map((entry) => relative(this.folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
        .filter((key) => key.startsWith(prefix))
        .sort();
    });

  #path = (key: string): string => join(this.folder, ...key.split('/'));

  /** The store's own folder must be there: a share that is not mounted must not be taken for an empty one. */
  async #makeFolder(folder: string): Promise<void> {
    await stat(this.folder);
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }

  async #told<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (error instanceof Problem || code === undefined || code === 'ABORT_ERR') throw error;
      throw FOR_PEOPLE.has(code) ? storeRefuses(this.where, message) : storeUnreachable(this.where, message);
    }
  }
}

/** What does not get better by itself. */
const FOR_PEOPLE = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']);

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}

async function write(
  path: string,
  body: AsyncIterable<Uint8Array>,
  onBytes: Watch['onBytes'],
  signal: AbortSignal,
): Promise<Digest> {
  const hashing = new Hashing();
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of hashing.through(body, onBytes)) {
      signal.throwIfAborted();
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hashing.digest();
}
