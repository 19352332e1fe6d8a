import { rm } from 'node:fs/promises';
import type { Backup, BackupManifest } from '../../domain/backup.js';
import type { VersionTable } from '../../domain/plan.js';
import { Problem } from '../../domain/problem.js';
import {
  backupBlocked,
  backupInterrupted,
  backupNameTaken,
  leftOversStay,
} from '../../domain/problems/backup.js';
import { writeCounters } from '../closure/counters.js';
import { publish, writeAtomically } from '../disk.js';
import { type Client, withClient } from '../postgres/client.js';
import { connectionOf, libpqEnvironment } from '../postgres/connection.js';
import { codeOf } from '../postgres/failures.js';
import { identity, type Identity } from '../postgres/identity.js';
import { endSessions } from '../postgres/sessions.js';
import { proveReadable, writeArchive } from './archive.js';
import { describe } from './describe.js';
import { type BackupFiles, backupOf, filesOf, finishedBackup, removeRemains } from './files.js';
import { manifestOf } from './manifest.js';
import { DUMP_LOCK_MS } from './pg-tools.js';
import { type Preflight, preflight } from './preflight.js';
import { sessionName, sessionPrefix } from './session-name.js';
import { blockersOf, givingWay, type Snapshot, takeSnapshot } from './snapshot.js';
import { together } from './together.js';

export interface BackUpOptions {
  /** Made when it is not there; private. */
  folder: string;
  /** Names the backup. Whoever asks for the same name again gets the same backup. */
  name: string;
  /** Different for each attempt, so that a dead attempt's tools cannot write into this one's file. */
  attempt: number | string;
  /** Folder of pg_dump and pg_restore; default: found by PATH. */
  pgBin?: string;
  /** The same for all attempts: by it the sessions of earlier ones are found and ended. */
  applicationName: string;
  /** For the fingerprint of the schema, as the plan takes it. */
  ignore?: readonly string[];
  versionTable?: VersionTable;
  /** The release that runs, for the manifest; null: not known. */
  release?: string | null;
  /** How long to wait for a lock before giving way. */
  lockTimeoutMs?: number;
  signal: AbortSignal;
  /** Told how far it is, in words, whenever bytes have moved. */
  onProgress: (text: string) => void;
  /** Told the process id of pg_dump. */
  onStart?: (pid: number) => void;
}

/** Long enough for a short ALTER TABLE; short enough that nobody queues behind us for long. */
const LOCK_TIMEOUT_MS = 5_000;
const END_SESSIONS_MS = 5_000;

/**
 * Backs up a database, and proves that the backup can be read back (level 2). It counts only when all is
 * done: archive hashed, read to its end, renamed, and its manifest written beside it, last. Safe to repeat, and
 * safe to be killed anywhere: a finished backup of that name is given back, remains of others are removed, and
 * sessions of an earlier attempt are ended first.
 *
 * @throws Problem of `preflight` and `takeSnapshot`; `backup-interrupted`, `unreadable-backup`, `connection-lost`
 *   (retried); `no-space-for-backup`, `backup-name-taken`; those of `withClient`; the signal's reason when aborted
 */
export async function backUp(database: { url: string }, options: BackUpOptions): Promise<Backup> {
  const { signal, applicationName, attempt, lockTimeoutMs = LOCK_TIMEOUT_MS } = options;
  const files = filesOf(options.folder, options.name, attempt);
  const session = sessionName(applicationName, attempt);
  return withClient(database.url, { applicationName: session, signal }, async (client) => {
    const server = await identity(client);
    const finished = await finishedBackup(files, signal);
    if (finished) return sameDatabase(finished, server);
    const stayed = await endSessions(client, sessionPrefix(applicationName), { waitMs: END_SESSIONS_MS });
    if (stayed.length) throw leftOversStay(stayed.map(({ pid }) => pid));
    const found = await givingWay(client, lockTimeoutMs, () => preflight(client, server, options));
    await removeRemains(files);
    try {
      return await take({ client, server, files, session, found }, database.url, options);
    } catch (error) {
      await cleanUp(client, files, database.url, session);
      throw error;
    }
  });
}

function sameDatabase(
  { backup, manifest }: { backup: Backup; manifest: BackupManifest },
  server: Identity,
): Backup {
  const { name, oid, systemId } = manifest.database;
  if (name === server.database && oid === server.oid && systemId === server.systemId) return backup;
  throw backupNameTaken(backup.path, name);
}

interface Attempt {
  client: Client;
  server: Identity;
  files: BackupFiles;
  session: string;
  found: Preflight;
}

async function take(attempt: Attempt, url: string, options: BackUpOptions): Promise<Backup> {
  const { client, server, files, found } = attempt;
  const { signal, onProgress, lockTimeoutMs = LOCK_TIMEOUT_MS } = options;
  onProgress('locking all tables for reading');
  const snapshot = await givingWay(client, lockTimeoutMs, () => takeSnapshot(client));
  // What the session that wrote it has not reported yet will seem to be written later: rather too much is told.
  const writes = await writeCounters(client);
  const known = await dumpAndDescribe(attempt, snapshot, url, options);
  await client.query('COMMIT');
  const proved = await proveReadable(found.tools, files.part, { signal, onProgress });
  const finishedAt = await stillOurs(client);
  const { release = null, versionTable, ignore = [] } = options;
  const about = { release, ignore, ...(versionTable ? { versionTable } : {}) };
  const taken = { server, ...found, snapshot, writes, ...known, ...proved, finishedAt, about };
  const manifest = manifestOf(files, taken);
  // Both are on the disk before either has its name: a full disk leaves no archive without a manifest.
  await writeAtomically(files.manifestPart, `${JSON.stringify(manifest, null, 2)}\n`);
  await publish(files.part, files.archive);
  await publish(files.manifestPart, files.manifest);
  return backupOf(files, manifest);
}

/** Dumps the snapshot, and counts meanwhile what it holds. */
async function dumpAndDescribe(attempt: Attempt, snapshot: Snapshot, url: string, options: BackUpOptions) {
  const { client, files, session, found } = attempt;
  const dump = {
    part: files.part,
    folder: files.folder,
    snapshot: snapshot.id,
    env: libpqEnvironment(connectionOf(url), session),
  };
  const [, known] = await together(
    options.signal,
    (signal) => writeArchive(found.tools, dump, { ...options, signal }),
    (signal) => describe(client, snapshot, { ...options, signal }),
  ).catch(async (error: unknown) => {
    // The schema is looked at outside the snapshot: a function or view was dropped meanwhile.
    if (codeOf(error) === 'XX000') throw backupInterrupted((error as Error).message);
    if (!(error instanceof Problem && error.code === 'backup-blocked')) throw error;
    throw backupBlocked(DUMP_LOCK_MS, await blockersOf(client, snapshot.tables));
  });
  return known;
}

/**
 * Right before the backup gets its name: a later attempt, started because this one was taken for dead, has
 * ended our session, and then the name is no longer ours to give.
 *
 * @returns the time by the database's clock
 */
async function stillOurs(client: Client): Promise<string> {
  const { rows } = await client.query<{ at: string }>(
    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at`,
  );
  if (!rows[0]) throw backupInterrupted('the database did not answer');
  return rows[0].at;
}

/** A dump that was killed leaves a session that goes on for a while, with its snapshot and locks. */
async function cleanUp(client: Client, files: BackupFiles, url: string, session: string): Promise<void> {
  await rm(files.part, { force: true });
  await rm(files.manifestPart, { force: true });
  const end = (by: Client) => endSessions(by, session, { waitMs: END_SESSIONS_MS });
  await client
    .query('ROLLBACK')
    .then(() => end(client))
    // Our own session is gone as well. What failed first is told; this can only make it tidier.
    .catch(() => withClient(url, { applicationName: 'lockkeeper: clean up' }, end))
    .catch(() => undefined);
}
