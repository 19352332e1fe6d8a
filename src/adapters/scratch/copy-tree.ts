import { createHash, webcrypto } from 'node:crypto';
import { constants } from 'node:fs';
import { chown, copyFile, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from '../run.js';

/** A file of a data folder; `path` is relative to that. */
export interface TreeFile {
  path: string;
  bytes: number;
  /** Of its chunks' hashes: see `hashOf`. Hexadecimal. */
  hash: string;
}

/** What a data folder consists of. Sorted: the same on every machine. */
export interface Tree {
  folders: readonly string[];
  files: readonly Omit<TreeFile, 'hash'>[];
}

/** Lists all in a folder. @param takes - whether a file is wanted, by its path in the folder */
export async function treeOf(folder: string, takes: (path: string) => boolean): Promise<Tree> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map((each) => ({
    path: join(each.parentPath, each.name).slice(folder.length + 1),
    each,
  }));
  const folders = paths.flatMap(({ path, each }) => (each.isDirectory() ? [path] : [])).sort();
  const wanted = paths.flatMap(({ path, each }) => (each.isFile() && takes(path) ? [path] : [])).sort();
  const files = await Promise.all(
    wanted.map(async (path) => ({ path, bytes: (await stat(join(folder, path))).size })),
  );
  return { folders, files };
}

export interface CopyOptions {
  /** Whose the copy is to be; undefined: ours. */
  as: Account | undefined;
  signal: AbortSignal;
  /** Told how many bytes are done. */
  onBytes: (bytes: number) => void;
}

/** So many files at a time: the disk waits for none of them. */
const AT_ONCE = 4;

/**
 * Copies files and their folders, and hashes what lies in the copy: what is copied is known by its hash, not by its
 * having been copied. Where the file system can, a copy shares its blocks with what it was made of.
 */
export async function copyTree(
  from: string,
  to: string,
  { folders, files }: Tree,
  { as, signal, onBytes }: CopyOptions,
): Promise<TreeFile[]> {
  const own = async (path: string) => {
    if (as) await chown(path, as.uid, as.gid);
  };
  for (const folder of ['', ...folders]) {
    await mkdir(join(to, folder), { recursive: true, mode: 0o700 });
    await own(join(to, folder));
  }
  const copied: TreeFile[] = [];
  const left = [...files];
  let done = 0;
  const next = async (): Promise<void> => {
    for (let file = left.pop(); file; file = left.pop()) {
      signal.throwIfAborted();
      const path = join(to, file.path);
      await copyFile(join(from, file.path), path, constants.COPYFILE_FICLONE);
      await own(path);
      copied.push({ path: file.path, bytes: file.bytes, hash: await hashOf(path) });
      onBytes((done += file.bytes));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return copied.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const CHUNK = 4 * 2 ** 20;

/** SHA-256 of the SHA-256 of each chunk: they are computed beside each other, and not where this process listens. */
async function hashOf(path: string): Promise<string> {
  const whole = createHash('sha256');
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const buffer = Buffer.allocUnsafe(Math.min(size, CHUNK));
    for (let at = 0; at < size; at += CHUNK) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      whole.update(new Uint8Array(await webcrypto.subtle.digest('SHA-256', buffer.subarray(0, bytesRead))));
    }
  } finally {
    await file.close();
  }
  return whole.digest('hex');
}

/** @returns what a copy has otherwise than it should, in words; undefined: nothing */
export function differenceOf(wanted: readonly TreeFile[], copied: readonly TreeFile[]): string | undefined {
  const there = new Map(copied.map(({ path, hash }) => [path, hash]));
  const other = wanted.find(({ path, hash }) => there.get(path) !== hash);
  return other && `${other.path} is not what was kept`;
}
