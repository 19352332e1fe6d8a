import { mkdir } from 'node:fs/promises';
import type { BackupFile } from '../../domain/backup.js';
import { backupInterrupted, diskFullInBackup } from '../../domain/problems/backup.js';
import { backupBlocked } from '../../domain/problems/backup-locks.js';
import { bytes } from '../../domain/units.js';
import { freeBytes, syncPath } from '../disk.js';
import { shell, ToolFailed } from '../shell.js';
import { GrowingFiles } from './hashes.js';
import { DUMP_LOCK_MS, type DumpOptions, dumpCommand, type PgTools } from './pg-tools.js';

export interface Watched {
  signal: AbortSignal;
  /** Told how far it is, in words, whenever bytes have moved. */
  onProgress: (text: string) => void;
  /** Told the process id of the tool. */
  onStart?: (pid: number) => void;
}

export interface ArchiveOptions extends DumpOptions {
  /** Where backups lie. */
  folder: string;
  /** Tables that have rows of their own. */
  tables: number;
  /** What the archive will be called. */
  under: string;
}

/**
 * Dumps the snapshot into the folder `options.part`, readable by nobody else. Files are hashed while others are
 * still written.
 *
 * @returns all files of it
 * @throws Problem `backup-blocked`, `backup-interrupted` (both retried), `no-space-for-backup`
 */
export async function writeArchive(
  tools: PgTools,
  options: ArchiveOptions,
  { signal, onProgress, onStart }: Watched,
): Promise<BackupFile[]> {
  const { part, folder, under } = options;
  await mkdir(part, { mode: 0o700 });
  const growing = new GrowingFiles(part);
  const progress = new Progress(growing, options.tables, onProgress);
  try {
    const { onLine } = progress;
    await shell(dumpCommand(tools, options), { signal, onLine, ...(onStart ? { onStart } : {}) });
    const files = await growing.finish(under);
    // pg_dump has flushed the files; now their entries, with the modes that they have got.
    await syncPath(part);
    return files;
  } catch (error) {
    throw await told(error, folder, await growing.look().catch(() => progress.bytes));
  } finally {
    await progress.stop();
  }
}

async function told(error: unknown, folder: string, written: number): Promise<unknown> {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
    return diskFullInBackup(folder, written, error.message);
  if (!(error instanceof ToolFailed)) return error;
  const { stderr } = error;
  if (isFull(error)) return diskFullInBackup(folder, written, await fullWords(folder, error));
  // How it says that --lock-wait-timeout has passed; its workers do not wait at all.
  const late = /LOCK TABLE/.test(stderr) && /(lock|statement) timeout/.test(stderr);
  if (late || /could not obtain lock on relation/.test(stderr)) return backupBlocked(DUMP_LOCK_MS, []);
  return backupInterrupted(toolWords(error));
}

const isFull = ({ stderr }: ToolFailed): boolean =>
  /No space left on device|Disk quota exceeded/.test(stderr);

const fullWords = async (folder: string, error: ToolFailed): Promise<string> =>
  `${toolWords(error, 1)}; ${bytes(await freeBytes(folder))} are free`;

/** Of all that `--verbose` prints, what went wrong. */
export function toolWords(error: ToolFailed, most = 4): string {
  if (error.signal) return error.message;
  const lines = error.stderr.split('\n').filter((line) => /error:|ERROR:|FATAL:|detail:|DETAIL:/.test(line));
  return lines.slice(0, most).join('; ') || error.lastWords(most);
}

const LOOK_EVERY_MS = 500;

/** Tells whenever files have grown or a table was begun: a dump that stands still must not look alive. */
class Progress {
  bytes = 0;
  #tables = 0;
  #said = '';
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly files: GrowingFiles,
    private readonly all: number,
    private readonly onProgress: Watched['onProgress'],
  ) {
    this.#later();
  }

  onLine = (line: string): void => {
    if (!/: dumping contents of table /.test(line)) return;
    this.#tables += 1;
    this.#tell();
  };

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #later(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => (this.#looking = this.#look()), LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    // Files that cannot be read now cannot be read at the end either, and then it is told.
    this.bytes = await this.files.look().catch(() => this.bytes);
    this.#tell();
    this.#later();
  }

  #tell(): void {
    // Settings of extensions are dumped, too, and were not counted before.
    const of = Math.max(this.all, this.#tables);
    const text = `dumping: table ${this.#tables} of ${of}, ${bytes(this.bytes)}`;
    if (text !== this.#said) this.onProgress(text);
    this.#said = text;
  }
}
