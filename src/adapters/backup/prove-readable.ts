import { dirname } from 'node:path';
import type { BackupFile } from '../../domain/backup.js';
import { unreadableBackup } from '../../domain/problems/backup.js';
import { shell, ToolFailed } from '../shell.js';
import { toolWords, type Watched } from './archive.js';
import { damageOf, tellRead } from './hashes.js';
import { type PgTools, readBackCommand } from './pg-tools.js';
import { together } from './together.js';

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
  { signal, onProgress }: Watched,
): Promise<void> {
  const here = files.map((file) => ({ ...file, path: file.path.replace(/^[^/]*/, lastOf(part)) }));
  const size = files.reduce((sum, file) => sum + file.bytes, 0);
  const tell = tellRead('reading back', size, onProgress);
  await together(
    signal,
    async (either) => {
      const damage = await damageOf(dirname(part), { files: here }, either, tell);
      if (damage) throw unreadableBackup(part, damage);
    },
    async (either) => {
      await shell(readBackCommand(tools, part), { signal: either }).catch((error: unknown) => {
        throw error instanceof ToolFailed ? unreadableBackup(part, toolWords(error)) : error;
      });
    },
  );
}

const lastOf = (path: string): string => path.slice(dirname(path).length + 1);
