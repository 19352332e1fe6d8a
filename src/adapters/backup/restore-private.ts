import type { Backup, BackupManifest } from '../../domain/backup.js';
import { notAsBackup } from '../../domain/problems/restore.js';
import { scratchUnfit } from '../../domain/problems/rehearsal-place.js';
import { type Client, withClient } from '../postgres/client.js';
import { connectionOf } from '../postgres/connection.js';
import { createAs, type Kind, kindOf } from '../postgres/create-like.js';
import { propertyStatements } from '../postgres/database-properties.js';
import { mark, onServer } from '../postgres/databases.js';
import { type Globals, letIn, makeGlobals, readGlobals, superuserOf } from '../scratch/roles.js';
import type { ScratchServer } from '../scratch/server.js';
import { type ServerSettings, settingsOf } from '../scratch/settings.js';
import type { Restored, RestoreOptions } from './filled-beside.js';
import { notingProof } from './proofs.js';
import { readyFor, restoreArchive } from './restore-archive.js';
import { extensionFaults } from './restore-extensions.js';
import { rolesInArchive } from './restore-roles.js';
import { readSchemaFile } from './schema-file.js';
import { sessionName } from './session-name.js';
import { gatherStatistics } from './statistics.js';
import { together } from './together.js';
import { verifyCopy } from './verify-copy.js';

/** What a private server must know of the live one, which is only looked at. */
export interface Live {
  database: string;
  oid: number;
  /** Major version. */
  major: number;
  /** On its disk. */
  bytes: number;
  superuser: string;
  kind: Kind;
  globals: Globals;
  settings: ServerSettings;
  /** SQL that gives the copy its privileges and settings. */
  properties: readonly string[];
}

/** Reads all of it in one session. */
export const readLive = (
  url: string,
  session: { applicationName: string; signal: AbortSignal },
): Promise<Live> =>
  withClient(url, session, async (client) => {
    const { database } = connectionOf(url);
    const { rows } = await client.query<{ major: number; bytes: number; oid: number }>(
      `SELECT current_setting('server_version_num')::int / 10000 AS major, d.oid::int8::float8 AS oid,
         pg_database_size(d.oid)::float8 AS bytes FROM pg_database d WHERE d.datname = current_database()`,
    );
    return {
      ...rows[0]!,
      database,
      superuser: await superuserOf(client),
      kind: await kindOf(client, database),
      globals: await readGlobals(client),
      settings: await settingsOf(client),
      properties: await propertyStatements(client, database, database),
    };
  });

/**
 * Restores a backup into a private server, under the name that the database has, and proves it (level 3): rows of each
 * table, sequences, revisions and schema are those of the manifest.
 *
 * @param users - roles that may connect afterwards, with the password of that server
 * @throws Problem `scratch-unfit`, `pg-restore-unfit`, `restore-failed`, `not-as-backup`; those of `withClient`
 */
export async function restorePrivately(
  server: ScratchServer,
  live: Live,
  { backup, manifest, users }: { backup: Backup; manifest: BackupManifest; users: Iterable<string> },
  options: RestoreOptions,
): Promise<Restored> {
  const { applicationName, attempt, signal } = options;
  const session = { applicationName: sessionName(applicationName, attempt), signal };
  const { result } = await notingProof(
    backup,
    { level: 'L3', run: options.name },
    () => filled(server, live, { backup, manifest, users }, { ...options, session }),
    ({ ms, notes }) => ({ restoreMs: ms, ...(notes.length ? { notes } : {}) }),
    () => undefined, // whoever rehearses does not need it: only lists and alarms show it
  );
  return result;
}

type Options = RestoreOptions & { session: { applicationName: string; signal: AbortSignal } };

async function filled(
  server: ScratchServer,
  live: Live,
  { backup, manifest, users }: { backup: Backup; manifest: BackupManifest; users: Iterable<string> },
  options: Options,
): Promise<Restored> {
  const { session, onProgress, jobs } = options;
  const { database } = live;
  const url = server.url(database);
  const ready = await onServer(url, session, (client) => readyFor(client, manifest, options));
  const roles = await rolesInArchive(ready.tools, backup.path, options);
  const notes = await onServer(url, session, (client) => prepare(client, server, live, { manifest, roles }));
  onProgress('restoring');
  const began = performance.now();
  await restoreArchive(ready, { path: backup.path, name: database, url }, options);
  await onServer(url, session, (client) => finish(client, server, live, users));
  onProgress('gathering statistics');
  const [ms, compared] = await together(
    session.signal,
    async (signal) => {
      await gatherStatistics(url, { ...session, signal }, jobs);
      return Math.round(performance.now() - began);
    },
    (signal) => comparedWith(backup, manifest, url, { ...options, session: { ...session, signal } }),
  );
  return { name: database, url, ms, ...compared, notes: [...notes, ...compared.notes] };
}

/** @throws Problem `not-as-backup` */
async function comparedWith(backup: Backup, manifest: BackupManifest, url: string, options: Options) {
  options.onProgress('comparing the copy with the backup');
  const { database } = connectionOf(url);
  const described = await readSchemaFile(backup, manifest);
  return withClient(url, options.session, async (client) => {
    const databases = { live: database, copy: database };
    const { differences, notes } = await verifyCopy(client, manifest, { ...options, described, databases });
    if (differences.length) throw notAsBackup(database, differences);
    return { ...(await sizeHere(client)), notes };
  });
}

async function sizeHere(client: Client): Promise<{ oid: number; bytes: number }> {
  const { rows } = await client.query<{ oid: number; bytes: number }>(
    `SELECT oid::int8::float8 AS oid, pg_database_size(oid)::float8 AS bytes
     FROM pg_database WHERE datname = current_database()`,
  );
  return rows[0]!;
}

/**
 * Makes the copy that a server began with the copy of this rehearsal: who may connect, and the mark.
 *
 * @throws Problem those of `withClient`
 */
export async function reuse(
  server: ScratchServer,
  live: Live,
  users: Iterable<string>,
  { applicationName, attempt, signal }: RestoreOptions,
): Promise<Omit<Restored, 'ms' | 'notes'>> {
  const session = { applicationName: sessionName(applicationName, attempt), signal };
  const { database } = live;
  const url = server.url(database);
  await onServer(url, session, (client) => admit(client, server, live, users));
  return { name: database, url, ...(await withClient(url, session, sizeHere)) };
}

/** Roles, extensions and collations are looked at before the first row. @returns what was left out, in words */
async function prepare(
  client: Client,
  { folder }: ScratchServer,
  { database, kind, globals }: Live,
  { manifest, roles }: { manifest: BackupManifest; roles: readonly string[] },
): Promise<string[]> {
  const faults = await extensionFaults(client, manifest);
  if (faults.length) throw scratchUnfit(faults);
  const notes = await makeGlobals(client, globals, folder, [...roles, kind.owner]);
  await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(database)}`);
  await createAs(client, kind, database).catch((error: Error) => {
    throw scratchUnfit([`a database like ${database} cannot be made: ${error.message}`]);
  });
  return notes;
}

/** What hangs on the database itself, who may connect, and the mark that says what it is. */
async function finish(
  client: Client,
  server: ScratchServer,
  live: Live,
  users: Iterable<string>,
): Promise<void> {
  for (const statement of live.properties) await client.query(statement);
  await admit(client, server, live, users);
}

async function admit(
  client: Client,
  { password }: ScratchServer,
  { database, oid }: Live,
  users: Iterable<string>,
): Promise<void> {
  await letIn(client, users, password);
  await mark(client, database, { of: database, oid, run: 'rehearsal', state: 'used' });
}
