import { open, stat } from 'node:fs/promises';
import {
  backupBlocked,
  backupInterrupted,
  diskFullInBackup,
  unreadableBackup,
} from '../../domain/problems/backup.js';
import { bytes } from '../../domain/units.js';
import { freeBytes, syncPath } from '../disk.js';
import { shell, ToolFailed } from '../shell.js';
import { sha256Of } from './files.js';
import { DUMP_LOCK_MS, type DumpOptions, dumpCommand, type PgTools, readBackCommand } from './pg-tools.js';
import { together } from './together.js';

export interface Watched {
  signal: AbortSignal;
  /** Told how far it is, in words, whenever bytes have moved. */
  onProgress: (text: string) => void;
  /** Told the process id of the tool. */
  onStart?: (pid: number) => void;
}

const LOOK_EVERY_MS = 500;

/**
 * Dumps the snapshot into `options.part`, readable by nobody else.
 *
 * @throws Problem `backup-blocked`, `backup-interrupted` (both retried), `no-space-for-backup`
 */
export async function writeArchive(
  tools: PgTools,
  options: DumpOptions & { folder: string },
  { signal, onProgress, onStart }: Watched,
): Promise<void> {
  const { part, folder } = options;
  // pg_dump would make it readable for all; it keeps the mode of what is there.
  await (await open(part, 'wx', 0o600)).close();
  const stop = watchSize(part, onProgress);
  try {
    await shell(dumpCommand(tools, options), { signal, ...(onStart ? { onStart } : {}) });
    await syncPath(part);
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    if (isFull(error)) throw diskFullInBackup(folder, await sizeOf(part), await fullWords(folder, error));
    // How it says that --lock-wait-timeout has passed.
    if (/LOCK TABLE/.test(error.stderr) && /(lock|statement) timeout/.test(error.stderr))
      throw backupBlocked(DUMP_LOCK_MS, []);
    throw backupInterrupted(wordsOf(error));
  } finally {
    stop();
  }
}

const isFull = ({ stderr }: ToolFailed): boolean =>
  /No space left on device|Disk quota exceeded/.test(stderr);

const fullWords = async (folder: string, error: ToolFailed): Promise<string> =>
  `${error.lastWords(1)}; ${bytes(await freeBytes(folder))} are free`;

const wordsOf = (error: ToolFailed): string => (error.signal ? error.message : error.lastWords());

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

/** Tells whenever the file has grown: a dump that stands still must not look alive. */
function watchSize(path: string, onProgress: Watched['onProgress']): () => void {
  let told = -1;
  const look = async () => {
    const size = await sizeOf(path);
    if (size === told) return;
    told = size;
    onProgress(`dumping: ${bytes(size)} written`);
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

/**
 * Reads an archive back to its end and hashes it. Of damage in the middle zstd and lz4 notice next to nothing:
 * that is what the hash is for, from here on.
 *
 * @returns its SHA-256 and size
 * @throws Problem `unreadable-backup` (retried)
 */
export async function proveReadable(
  tools: PgTools,
  part: string,
  { signal, onProgress }: Watched,
): Promise<{ sha256: string; bytes: number }> {
  const size = await sizeOf(part);
  let told = 0;
  const tell = (done: number) => {
    if (done < size && done - told < TELL_EVERY_BYTES) return;
    told = done;
    onProgress(`reading back: ${bytes(done)} of ${bytes(size)}`);
  };
  const [sha256] = await together(
    signal,
    (either) => sha256Of(part, either, tell),
    async (either) => {
      await shell(readBackCommand(tools, part), { signal: either }).catch((error: unknown) => {
        throw error instanceof ToolFailed ? unreadableBackup(part, wordsOf(error)) : error;
      });
    },
  );
  return { sha256, bytes: size };
}

const TELL_EVERY_BYTES = 64 * 2 ** 20;
