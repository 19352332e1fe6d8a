import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupFile, BackupManifest } from '../../domain/backup.js';
import { bytes } from '../../domain/units.js';

/**
 * One hash for many files: SHA-256 of what `sha256sum` prints of them, sorted by path, so that a person without
 * Lockkeeper can check it, too.
 */
export const hashOfFiles = (files: readonly BackupFile[]): string =>
  createHash('sha256')
    .update(
      [...files]
        .sort(byPath)
        .map(({ path, sha256 }) => `${sha256}  ${path}\n`)
        .join(''),
    )
    .digest('hex');

/** The same order on every machine. */
export const byPath = (a: { path: string }, b: { path: string }): number =>
  a.path < b.path ? -1 : Number(a.path > b.path);

const CHUNK = 2 ** 20;

/** @returns SHA-256 of a file, hexadecimal */
export async function sha256Of(
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): Promise<string> {
  const hash = createHash('sha256');
  let read = 0;
  for await (const chunk of createReadStream(path, { signal, highWaterMark: CHUNK })) {
    hash.update(chunk as Buffer);
    onBytes((read += (chunk as Buffer).length));
  }
  return hash.digest('hex');
}

/**
 * Hashes all files of a backup again (level 1).
 *
 * @param folder - where its manifest lies
 * @param onBytes - told how many were read so far
 * @returns what is not as the manifest says, in words; undefined: nothing
 */
export async function damageOf(
  folder: string,
  { files }: Pick<BackupManifest, 'files'>,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): Promise<string | undefined> {
  // Sizes first: they cost nothing, and a cut is told before gigabytes were read.
  for (const file of files) {
    const size = (await stat(join(folder, file.path)).catch(() => undefined))?.size;
    if (size === undefined) return `${file.path} is not there`;
    if (size !== file.bytes) return `${file.path} has ${size} bytes, and had ${file.bytes}`;
  }
  let before = 0;
  for (const file of files) {
    const sha256 = await sha256Of(join(folder, file.path), signal, (read) => onBytes(before + read));
    if (sha256 !== file.sha256)
      return `the SHA-256 of ${file.path} is ${sha256.slice(0, 12)}…, and was ${file.sha256.slice(0, 12)}…`;
    before += file.bytes;
  }
  return undefined;
}

const TELL_EVERY_BYTES = 64 * 2 ** 20;

/** Tells how far reading is, in words, now and then: whoever is told often does nothing else. */
export function tellRead(
  what: string,
  whole: number,
  onProgress: (text: string) => void,
): (done: number) => void {
  let told = 0;
  return (done) => {
    if (done < whole && done - told < TELL_EVERY_BYTES) return;
    told = done;
    onProgress(`${what}: ${bytes(done)} of ${bytes(whole)}`);
  };
}

/**
 * Hashes the files of a folder while they grow: pg_dump only ever writes at their ends. What is hashed is thus what
 * it has written, not what the disk makes of it later; reading back finds the difference.
 */
export class GrowingFiles {
  readonly #files = new Map<string, { hash: Hash; bytes: number }>();
  readonly #buffer = Buffer.alloc(CHUNK);
  #looking: Promise<unknown> = Promise.resolve();

  constructor(private readonly folder: string) {}

  /** Hashes what is new. @returns bytes in all */
  look(): Promise<number> {
    const look = this.#looking.then(async () => {
      for (const name of await readdir(this.folder)) await this.#read(name);
      return this.#bytes();
    });
    this.#looking = look.catch(() => undefined);
    return look;
  }

  /** Hashes the rest of all, and makes them private. @param under - what their paths begin with */
  async finish(under: string): Promise<BackupFile[]> {
    await this.look();
    const files: BackupFile[] = [];
    for (const [name, { hash, bytes }] of this.#files) {
      await chmod(join(this.folder, name), 0o600);
      files.push({ path: `${under}/${name}`, bytes, sha256: hash.digest('hex') });
    }
    return files.sort(byPath);
  }

  #bytes = (): number => [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes, 0);

  async #read(name: string): Promise<void> {
    const file = this.#files.get(name) ?? { hash: createHash('sha256'), bytes: 0 };
    this.#files.set(name, file);
    const handle = await open(join(this.folder, name), 'r');
    try {
      for (;;) {
        const { bytesRead } = await handle.read(this.#buffer, 0, CHUNK, file.bytes);
        if (!bytesRead) return;
        file.hash.update(this.#buffer.subarray(0, bytesRead));
        file.bytes += bytesRead;
      }
    } finally {
      await handle.close();
    }
  }
}
