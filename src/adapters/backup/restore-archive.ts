import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Backup, BackupManifest } from '../../domain/backup.js';
import {
  backupDamaged,
  backupMissing,
  restoreFailed,
  restoreInterrupted,
  restoreToolUnfit,
} from '../../domain/problems/restore.js';
import type { Command } from '../command.js';
import { connectionOf, restoringEnvironment } from '../postgres/connection.js';
import type { Client } from '../postgres/client.js';
import { identity, type Identity } from '../postgres/identity.js';
import { shell, ToolFailed } from '../shell.js';
import type { Watched } from './archive.js';
import { readManifest } from './files.js';
import type { RestoreOptions } from './filled-beside.js';
import { damageOf, tellRead } from './hashes.js';
import { KEEP_ALIVE, majorOf, type PgTools, pgTools } from './pg-tools.js';
import { fittingJobs } from './restore-room.js';
import { sessionName } from './session-name.js';

/**
 * Reads manifest and archive, and hashes all files anew: of damage pg_restore itself notices next to nothing.
 *
 * @throws Problem `backup-missing`, `backup-damaged`
 */
export async function trusted(
  backup: Backup,
  { signal, onProgress }: Pick<Watched, 'signal' | 'onProgress'>,
): Promise<BackupManifest> {
  const { path } = backup;
  const manifest = await readManifest(backup.manifest);
  if (!manifest) throw backupMissing(path, `its manifest ${backup.manifest} is not there, or cannot be read`);
  if (manifest.sha256 !== backup.sha256)
    throw backupDamaged(path, `its manifest ${backup.manifest} is of another archive`);
  await stat(path).catch((error: Error) => {
    throw backupMissing(path, error.message);
  });
  const tell = tellRead('checking the backup', manifest.bytes, onProgress);
  const damage = await damageOf(dirname(backup.manifest), manifest, signal, tell);
  if (damage) throw backupDamaged(path, damage);
  return manifest;
}

/** Version that brought transaction_timeout, which pg_restore sets from then on, whatever the server knows. */
const NEW_SETTING = 17;

/** @throws Problem `pg-restore-unfit`, `missing-tool` */
export async function restoreTools(
  folder: string | undefined,
  manifest: BackupManifest,
  server: Identity,
  signal: AbortSignal,
): Promise<PgTools> {
  const tools = await pgTools(folder, signal);
  const ours = majorOf(tools.restoreVersion);
  const dumped = majorOf(manifest.pgDumpVersion);
  if (ours < dumped) {
    const why = `the backup was written by pg_dump ${manifest.pgDumpVersion}`;
    throw restoreToolUnfit(tools.restore, tools.restoreVersion, dumped, why);
  }
  if (ours >= NEW_SETTING && server.major < NEW_SETTING) {
    const why = `it sets transaction_timeout, which the server, of version ${server.version}, does not know`;
    throw restoreToolUnfit(tools.restore, tools.restoreVersion, server.major, why);
  }
  return tools;
}

/** With what an archive is restored. */
export interface Ready {
  tools: PgTools;
  /** Sessions that restore at the same time. */
  jobs: number;
}

/** @throws Problem `pg-restore-unfit`, `missing-tool` */
export async function readyFor(
  server: Client,
  manifest: BackupManifest,
  { pgBin, jobs, signal }: Pick<RestoreOptions, 'pgBin' | 'jobs' | 'signal'>,
): Promise<Ready> {
  const tools = await restoreTools(pgBin, manifest, await identity(server), signal);
  return { tools, jobs: await fittingJobs(server, jobs) };
}

/**
 * Restores an archive into a database that is empty.
 *
 * @param args - for pg_restore, besides the usual ones
 * @throws Problem `restore-failed`, `restore-interrupted` (retried)
 */
export function restoreArchive(
  { tools, jobs }: Ready,
  { path, name, url }: { path: string; name: string; url: string },
  options: Pick<RestoreOptions, 'applicationName' | 'attempt' | 'signal' | 'onProgress' | 'onStart'>,
  args: readonly string[] = [],
): Promise<void> {
  const session = sessionName(options.applicationName, options.attempt);
  const command = restoreCommand(tools, { path, url, jobs, session });
  return runRestore({ ...command, args: [...args, ...command.args] }, name, options);
}

/**
 * Restores into a database that is empty. Never over what is there (`--clean`); the first error ends it, or a
 * half restored database would look like one.
 */
const restoreCommand = (
  { restore }: PgTools,
  options: { path: string; url: string; jobs: number; session: string },
): Command => {
  const connection = connectionOf(options.url);
  return {
    file: restore,
    args: [
      '--exit-on-error',
      `--jobs=${options.jobs}`,
      // It would connect to the publisher's slot, and keep the copy from being dropped.
      '--no-subscriptions',
      '--no-password',
      '--verbose',
      `--dbname=dbname=${connection.database} ${KEEP_ALIVE}`,
      options.path,
    ],
    env: restoringEnvironment(connection, options.session),
  };
};

/** Runs pg_restore, telling how many objects are done. */
async function runRestore(
  command: Command,
  copy: string,
  { signal, onProgress, onStart }: Watched,
): Promise<void> {
  let objects = 0;
  const onLine = (line: string) => {
    if (/: (creating|processing|finished item)/.test(line))
      onProgress(`restoring: ${(objects += 1)} steps done`);
  };
  try {
    await shell(command, { signal, onLine, ...(onStart ? { onStart } : {}) });
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    const words = wordsOf(error);
    if (error.signal || CUT_OFF.test(words)) throw restoreInterrupted(copy, words);
    throw restoreFailed(copy, words);
  }
}

const CUT_OFF =
  /server closed the connection|terminating connection|connection to server .* failed|could not connect|No space left/;

/** Of all that `--verbose` prints, what went wrong. */
function wordsOf(error: ToolFailed): string {
  const lines = error.stderr
    .split('\n')
    .filter((line) => /error:|ERROR:|FATAL:|DETAIL:|Command was:/.test(line));
  return lines.slice(0, 4).join('; ') || error.message;
}
