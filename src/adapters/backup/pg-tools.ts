import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../domain/problem.js';
import { missingTool } from '../../domain/problems/tools.js';
import type { Command } from '../command.js';
import { shell, ToolFailed } from '../shell.js';
import { together } from './together.js';

/** PostgreSQL's own tools, as found. */
export interface PgTools {
  /** How to call them: names, or paths when a folder is set. */
  dump: string;
  restore: string;
  dumpall: string;
  /** Such as `18.6`. */
  dumpVersion: string;
  restoreVersion: string;
  /** For `pg_dump --compress`. */
  compression: string;
}

/**
 * Finds pg_dump and pg_restore, and what they can do.
 *
 * @param folder - where they are; default: those in PATH, or when they are of another major version than
 *   `wanted`, those of that version where systems install them
 * @throws Problem `missing-tool`
 */
export async function pgTools(
  folder: string | undefined,
  signal: AbortSignal,
  wanted?: number,
): Promise<PgTools> {
  if (folder || !wanted) return toolsIn(folder, signal);
  const usual = await toolsIn(undefined, signal).catch((error: unknown) => {
    if (error instanceof Problem) return error;
    throw error;
  });
  if (!(usual instanceof Problem) && majorOf(usual.dumpVersion) === wanted) return usual;
  const installed = [`/usr/lib/postgresql/${wanted}/bin`, `/usr/pgsql-${wanted}/bin`].find((each) =>
    existsSync(join(each, 'pg_dump')),
  );
  if (installed) return toolsIn(installed, signal);
  if (usual instanceof Problem) throw usual;
  return usual;
}

async function toolsIn(folder: string | undefined, signal: AbortSignal): Promise<PgTools> {
  const path = (name: string): string => (folder ? join(folder, name) : name);
  const [dump, restore, dumpall] = [path('pg_dump'), path('pg_restore'), path('pg_dumpall')];
  const [[dumpVersion, restoreVersion], compression] = await together(
    signal,
    (either) =>
      together(
        either,
        (stop) => versionOf(dump, stop),
        (stop) => versionOf(restore, stop),
      ),
    (either) => bestCompression(dump, either),
  );
  return { dump, restore, dumpall, dumpVersion, restoreVersion, compression };
}

export const majorOf = (version: string): number => Number.parseInt(version, 10);

async function versionOf(file: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await shell({ file, args: ['--version'] }, { signal }).catch((error: unknown) => {
    if (error instanceof ToolFailed) throw missingTool(file, error.lastWords());
    throw error;
  });
  const version = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1];
  if (!version) throw missingTool(file, `it says of itself: ${stdout.trim()}`);
  return version;
}

/**
 * Best first: of text and numbers zstd 1 makes a quarter in a quarter of gzip's time, lz4 a half in a seventh (its levels from 3
 * on take gzip's time and leave more); measured, bench/README.md. What a build lacks it says before it connects, so it is
 * asked to connect where nothing is.
 */
async function bestCompression(file: string, signal: AbortSignal): Promise<string> {
  for (const method of ['zstd:1', 'lz4']) if (await offers(file, method, signal)) return method;
  // Every version reads a bare number as gzip's level.
  return '1';
}

async function offers(file: string, method: string, signal: AbortSignal): Promise<boolean> {
  const command: Command = {
    file,
    args: ['--format=custom', `--compress=${method}`, '--file=/dev/null', '--host=/nowhere', 'nothing'],
    env: { LC_ALL: 'C' },
  };
  const failed = await shell(command, { signal }).catch((error: unknown) => {
    if (error instanceof ToolFailed) return error;
    throw error;
  });
  return failed instanceof ToolFailed && failed.stderr.includes('/nowhere');
}

/** Sessions that dump or restore at the same time. More would take the server away from the site, if that is open. */
export const MOST_JOBS = Math.min(availableParallelism(), 4);

/**
 * How long pg_dump waits for a lock. We hold the same ones already, so it waits only behind somebody who waits
 * for us, and behind whom the whole site waits: then we must go.
 */
export const DUMP_LOCK_MS = 1_000;

export interface DumpOptions {
  /** An empty folder. */
  part: string;
  snapshot: string;
  /** Sessions that dump at the same time, a table each. */
  jobs: number;
  /** The connection: see libpqEnvironment. */
  env: Readonly<Record<string, string>>;
}

/** Finds out in a minute that the server is gone; a conninfo string without secrets. */
export const KEEP_ALIVE =
  'keepalives_idle=30 keepalives_interval=10 keepalives_count=3 tcp_user_timeout=60000 connect_timeout=10';

/** Dumps the database as the snapshot shows it into a folder of compressed files, which pg_dump flushes to the disk. */
export const dumpCommand = ({ dump, compression }: PgTools, options: DumpOptions): Command => ({
  file: dump,
  args: [
    '--format=directory',
    `--jobs=${options.jobs}`,
    `--compress=${compression}`,
    `--file=${options.part}`,
    `--snapshot=${options.snapshot}`,
    `--lock-wait-timeout=${DUMP_LOCK_MS}`,
    '--verbose',
    '--no-password',
    `--dbname=${KEEP_ALIVE}`,
  ],
  env: options.env,
});

/** Writes what belongs to the server and not to one of its databases. The database is only where it connects. */
export const globalsCommand = (
  { dumpall }: PgTools,
  options: { part: string; database: string; passwords: boolean },
): Command => ({
  file: dumpall,
  args: [
    '--globals-only',
    ...(options.passwords ? [] : ['--no-role-passwords']),
    `--file=${options.part}`,
    `--database=${options.database}`,
    '--no-password',
    `--dbname=${KEEP_ALIVE}`,
  ],
});

/** Prints what is in a backup, an entry a line. */
export const listCommand = ({ restore }: PgTools, part: string): Command => ({
  file: restore,
  args: ['--list', part],
  env: { LC_ALL: 'C' },
});

/**
 * Reads a backup, or those entries of it that the file `list` names, and throws the SQL away: fails when they were cut short.
 */
export const readBackCommand = ({ restore }: PgTools, part: string, list?: string): Command => ({
  file: restore,
  args: ['--file=/dev/null', ...(list ? [`--use-list=${list}`] : []), part],
  env: { LC_ALL: 'C' },
});
