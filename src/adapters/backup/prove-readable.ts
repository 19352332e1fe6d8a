import { rm, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { BackupFile } from '../../domain/backup.js';
import { unreadableBackup } from '../../domain/problems/backup.js';
import { shell, ToolFailed } from '../shell.js';
import { toolWords, type Watched } from './archive.js';
import { damageOf, tellRead } from './hashes.js';
import { listCommand, type PgTools, readBackCommand } from './pg-tools.js';
import { all, together } from './together.js';

/**
 * Reads an archive back to its end (level 2), and hashes what is on the disk (level 1): of damage in the middle
 * lz4 and zstd notice next to nothing.
 *
 * @param part - where its files are now; their paths begin with the name that it will have
 * @throws Problem `unreadable-backup` (retried)
 */
export async function proveReadable(
  tools: PgTools,
  part: string,
  files: readonly BackupFile[],
  { signal, onProgress, jobs = 1 }: Pick<Watched, 'signal' | 'onProgress'> & { jobs?: number },
): Promise<void> {
  const here = files.map((file) => ({ ...file, path: file.path.replace(/^[^/]*/, basename(part)) }));
  const size = files.reduce((sum, file) => sum + file.bytes, 0);
  const tell = tellRead('reading back', size, onProgress);
  await together(
    signal,
    async (either) => {
      const damage = await damageOf(dirname(part), { files: here }, either, tell);
      if (damage) throw unreadableBackup(part, damage);
    },
    (either) =>
      readBack(tools, part, here, { signal: either, jobs }).catch((error: unknown) => {
        throw error instanceof ToolFailed ? unreadableBackup(part, toolWords(error)) : error;
      }),
  );
}

/** pg_restore reads by one process what it does not restore; so several of them read a share of the entries each. */
async function readBack(
  tools: PgTools,
  part: string,
  files: readonly BackupFile[],
  { signal, jobs }: { signal: AbortSignal; jobs: number },
): Promise<void> {
  const { stdout } = await shell(listCommand(tools, part), { signal });
  const shares = sharesOf(stdout, files, jobs);
  await all(
    signal,
    shares.map(
      (share, n) => (either: AbortSignal) => readShare(tools, part, `${part}.${n}.part`, share, either),
    ),
  );
}

/** @param list - where the share is written meanwhile; whoever finds it later knows by its name that it is nobody's */
async function readShare(
  tools: PgTools,
  part: string,
  list: string,
  share: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await writeFile(list, share, { mode: 0o600 });
    await shell(readBackCommand(tools, part, list), { signal });
  } finally {
    await rm(list, { force: true });
  }
}

/**
 * @param list - what `pg_restore --list` prints: an entry a line, each with the number that its file is named after
 * @returns lists that have every entry once, and about the same bytes each
 */
export function sharesOf(list: string, files: readonly BackupFile[], jobs: number): string[] {
  const size = new Map(
    files.map(({ path, bytes }) => [/([^/.]+)\.dat[^/]*$/.exec(path)?.[1] ?? path, bytes]),
  );
  const entries = list
    .split('\n')
    .filter((line) => /^\d+;/.test(line))
    .map((line) => ({ line, bytes: size.get(line.slice(0, line.indexOf(';'))) ?? 0 }))
    .sort((a, b) => b.bytes - a.bytes);
  const shares = Array.from({ length: jobs }, () => ({ lines: [] as string[], bytes: 0 }));
  for (const { line, bytes } of entries) {
    const least = shares.reduce((one, other) => (other.bytes < one.bytes ? other : one));
    least.lines.push(line);
    least.bytes += bytes;
  }
  // Without an entry pg_restore would read nothing, and not even open the archive.
  return shares.filter(({ lines }) => lines.length).map(({ lines }) => `${lines.join('\n')}\n`);
}
