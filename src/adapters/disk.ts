import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskFull } from '../domain/problems/tools.js';

/** @returns bytes that an ordinary user may still write on the disk of `folder` */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Writes a file that is there whole or not at all, whatever is killed meanwhile: under another name first,
 * flushed, then renamed, and the rename flushed. Makes the folder.
 *
 * @throws Problem `disk-full` (retried)
 */
export async function writeAtomically(path: string, text: string, mode = 0o600): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const part = partOf(path);
  try {
    const file = await open(part, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await publish(part, path);
  } catch (error) {
    await rm(part, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw diskFull(path, await freeBytes(folder), (error as Error).message);
  }
}

/** Copies a file that is there whole or not at all once its writer is killed; a power cut may still take it. */
export async function copyAtomically(from: string, to: string): Promise<void> {
  const part = partOf(to);
  try {
    await copyFile(from, part);
    await rename(part, to);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

const partOf = (path: string): string => `${path}.${process.pid}-${randomBytes(4).toString('hex')}.part`;

/** Longer than any of them takes to be written. */
const PART_MS = 10_000;

/**
 * Removes what a process that was killed while it wrote has left directly in these folders; never what a process of
 * this machine may still be writing.
 */
export async function sweepParts(folders: readonly string[]): Promise<void> {
  for (const folder of folders)
    for (const name of await readdir(folder).catch(() => [])) {
      const [, pid] = /\.(\d+)-[0-9a-f]{8}\.part$/.exec(name) ?? [];
      if (pid && !isRunning(Number(pid))) await removeOld(join(folder, name));
    }
}

async function removeOld(path: string): Promise<void> {
  const { mtimeMs = Infinity } = await stat(path).catch(() => ({}) as { mtimeMs?: number });
  if (Date.now() - mtimeMs > PART_MS) await rm(path, { force: true });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Gives a finished file its name, and makes sure that it keeps it after a power cut. */
export async function publish(part: string, path: string): Promise<void> {
  await rename(part, path);
  await syncPath(dirname(path));
}

/** Reads a piece of a file, as far as there is one. */
export async function readPiece(path: string, from: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Flushes a file, or a folder's entries, to the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
