import type { Backup, BackupManifest } from '../../domain/backup.js';
import type { VersionTable } from '../../domain/plan.js';
import { backupInterrupted, backupNameTaken } from '../../domain/problems/backup.js';
import { leftOversStay } from '../../domain/problems/backup-locks.js';
import { writeCounters } from '../closure/counters.js';
import { publish, writeAtomically } from '../disk.js';
import { type Client, withClient } from '../postgres/client.js';
import { identity, type Identity } from '../postgres/identity.js';
import { endSessions } from '../postgres/sessions.js';
import { timelineOf } from '../postgres/timeline.js';
import { givingWay } from './blockers.js';
import { dumpAndDescribe } from './dump.js';
import { type BackupFiles, backupOf, filesOf, finishedBackup, remove, removeRemains } from './files.js';
import { manifestOf, type Taken } from './manifest.js';
import { type Preflight, preflight } from './preflight.js';
import { proveReadable } from './prove-readable.js';
import { sessionName, sessionPrefix } from './session-name.js';
import { takeSnapshot } from './snapshot.js';
import { answered } from './watch.js';

export interface BackUpOptions {
  /** Made when it is not there; private. */
  folder: string;
  /** Names the backup. Whoever asks for the same name again gets the same backup. */
  name: string;
  /** Different for each attempt, so that a dead attempt's tools cannot write into this one's files. */
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
  /** Hash the values of each table, too. */
  contentHash?: boolean;
  /** How long to wait for a lock before giving way. */
  lockTimeoutMs?: number;
  /** How long others may wait for our locks before the backup ends itself. */
  giveWayMs?: number;
  /** How long the server may be silent. */
  silentMs?: number;
  /** How long the snapshot may be held; default: as long as it takes. */
  longestMs?: number;
  /** Sessions that dump at the same time; default: 1. */
  jobs?: number;
  signal: AbortSignal;
  /** Told how far it is, in words, whenever bytes have moved. */
  onProgress: (text: string) => void;
  /** Told the process id of pg_dump. */
  onStart?: (pid: number) => void;
}

/** Long enough for a short ALTER TABLE; short enough that nobody queues behind us for long. */
const LOCK_TIMEOUT_MS = 5_000;
/** As long as the site may stand still behind an ALTER TABLE that waits for us. */
const GIVE_WAY_MS = 5_000;
const SILENT_MS = 60_000;
const END_SESSIONS_MS = 5_000;

/**
 * Backs up a database, and proves that the backup can be read back (level 2). It counts only when all is
 * done: files hashed, read to their ends, renamed, and the manifest written beside them, last. Safe to repeat, and
 * safe to be killed anywhere: a finished backup of that name is given back, remains of others are removed, and
 * sessions of an earlier attempt are ended first.
 *
 * @throws Problem of `preflight` and `takeSnapshot`; `backup-interrupted`, `unreadable-backup`, `connection-lost`,
 *   `backup-gave-way` (retried); `no-space-for-backup`, `backup-name-taken`; those of `withClient`; the signal's
 *   reason when aborted
 */
export async function backUp(database: { url: string }, given: BackUpOptions): Promise<Backup> {
  const options = { ...defaults, ...given };
  const { signal, applicationName, attempt, lockTimeoutMs } = options;
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
      const taken = await take({ client, server, files, session, found }, database.url, options);
      return await publishAll(files, manifestOf(files, taken));
    } catch (error) {
      await cleanUp(client, files, database.url, session);
      throw error;
    }
  });
}

const defaults = {
  ...{ lockTimeoutMs: LOCK_TIMEOUT_MS, giveWayMs: GIVE_WAY_MS, silentMs: SILENT_MS },
  ...{ longestMs: Number.POSITIVE_INFINITY, jobs: 1 },
};
export type AllOptions = BackUpOptions & typeof defaults;

function sameDatabase(
  { backup, manifest }: { backup: Backup; manifest: BackupManifest },
  server: Identity,
): Backup {
  const { name, oid, systemId } = manifest.database;
  if (name === server.database && oid === server.oid && systemId === server.systemId) return backup;
  throw backupNameTaken(backup.path, name);
}

export interface Attempt {
  client: Client;
  server: Identity;
  files: BackupFiles;
  session: string;
  found: Preflight;
}

async function take(attempt: Attempt, url: string, options: AllOptions): Promise<Taken> {
  const { client, server, files, found } = attempt;
  const { signal, onProgress, lockTimeoutMs, silentMs, jobs } = options;
  const began = performance.now();
  const since = (start: number): number => Math.round(performance.now() - start);
  onProgress('locking all tables for reading');
  const snapshot = await givingWay(client, lockTimeoutMs, () => takeSnapshot(client));
  const lock = since(began);
  // What the session that wrote it has not reported yet will seem to be written later: rather too much is told.
  const writes = await writeCounters(client);
  const log = await timelineOf(client);
  const { archive, globals, schema, ...known } = await dumpAndDescribe(attempt, snapshot, url, options);
  const alarms = [...known.alarms, ...alarmOf(globals)];
  const dump = since(began) - lock;
  await proveReadable(found.tools, files.part, archive, { signal, onProgress, jobs });
  const durations = { lock, dump, prove: since(began) - lock - dump, whole: since(began) };
  const finishedAt = await answered(url, silentMs, stillOurs(client));
  const { release = null, versionTable, ignore = [] } = options;
  const about = { release, ignore, schema: schema.path, ...(versionTable ? { versionTable } : {}) };
  const written = [...archive, schema, ...(globals.globals ? [globals.file] : [])];
  return {
    ...{ server, log, ...found, snapshot, writes, ...known, finishedAt, about, durations, alarms, jobs },
    ...{ files: written, globals: globals.globals },
  };
}

const alarmOf = (globals: { globals: unknown; why?: string }): string[] =>
  globals.globals ? [] : [`roles and their settings are not in it: ${globals.why ?? ''}`];

/** All is on the disk before anything has its name: a full disk leaves no archive without a manifest. */
async function publishAll(files: BackupFiles, manifest: BackupManifest): Promise<Backup> {
  await writeAtomically(files.manifestPart, `${JSON.stringify(manifest, null, 2)}\n`);
  if (manifest.globals) await publish(files.globalsPart, files.globals);
  await publish(files.schemaPart, files.schema);
  await publish(files.part, files.archive);
  await publish(files.manifestPart, files.manifest);
  return backupOf(files.manifest, manifest);
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
  const end = (by: Client) => endSessions(by, session, { waitMs: END_SESSIONS_MS });
  await answered(url, END_SESSIONS_MS, client.query('ROLLBACK'))
    .then(() => end(client))
    // Our own session is gone as well. What failed first is told; this can only make it tidier.
    .catch(() => withClient(url, { applicationName: 'lockkeeper: clean up' }, end))
    .catch(() => undefined);
  for (const part of [files.part, files.globalsPart, files.schemaPart, files.manifestPart])
    await remove(part).catch(() => undefined);
}
