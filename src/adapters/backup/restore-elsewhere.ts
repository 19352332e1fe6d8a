import type { Backup, BackupManifest } from '../../domain/backup.js';
import { notAsBackup } from '../../domain/problems/restore.js';
import { elsewhereUnfit } from '../../domain/problems/restore-run.js';
import { type Client, withClient } from '../postgres/client.js';
import { addressOf, connectionOf } from '../postgres/connection.js';
import { type Database, databases, dropDatabase, mark, onServer } from '../postgres/databases.js';
import { identity } from '../postgres/identity.js';
import type { RestoreOptions } from './filled-beside.js';
import { type Ready, readyFor, restoreArchive, trusted } from './restore-archive.js';
import { extensionFaults } from './restore-extensions.js';
import { roomFor } from './restore-room.js';
import { missingRoles, rolesInArchive } from './restore-roles.js';
import { readSchemaFile } from './schema-file.js';
import { sessionName } from './session-name.js';
import { gatherStatistics } from './statistics.js';
import { together } from './together.js';
import { verifyCopy } from './verify-copy.js';

/** The database that it was restored into. */
export interface Elsewhere {
  place: string;
  ms: number;
  hints: string[];
}

/**
 * Restores a backup into a database on another server, or another database of this one: new, or there and empty.
 * Roles, extensions, versions and room are looked at before the first byte. One that is being made says so; what a
 * killed attempt has made is dropped first.
 *
 * @throws Problem `elsewhere-unfit`, `backup-missing`, `backup-damaged`, `pg-restore-unfit`, `restore-failed`,
 *   `not-as-backup`
 */
export async function restoreElsewhere(
  url: string,
  backup: Backup,
  options: RestoreOptions,
): Promise<Elsewhere> {
  const { signal, applicationName, attempt } = options;
  const manifest = await trusted(backup, options);
  const { database } = connectionOf(url);
  const place = `${database} on ${addressOf(connectionOf(url))}`;
  const session = { applicationName: sessionName(applicationName, attempt), signal };
  const ready = await onServer(url, session, (server) =>
    prepare(server, url, { manifest, backup, place }, options),
  );
  const began = performance.now();
  try {
    ready.hints.push(...(await fillAndVerify(url, { manifest, backup, place }, ready, options)));
  } catch (error) {
    if (ready.made)
      await onServer(url, { applicationName }, (server) => dropDatabase(server, database)).catch(
        () => undefined,
      );
    throw error;
  }
  if (ready.made)
    await onServer(url, session, (server) =>
      server.query(`COMMENT ON DATABASE ${server.escapeIdentifier(database)} IS NULL`),
    );
  return { place, ms: Math.round(performance.now() - began), hints: ready.hints };
}

/** @returns what was seen besides, in words */
async function fillAndVerify(
  url: string,
  { manifest, backup }: What,
  ready: Prepared,
  options: RestoreOptions,
): Promise<string[]> {
  const { signal, onProgress, applicationName, attempt, jobs } = options;
  const { database } = connectionOf(url);
  const session = { applicationName: sessionName(applicationName, attempt), signal };
  await restoreArchive(ready, { path: backup.path, name: database, url }, options);
  onProgress('gathering statistics, comparing with the backup');
  const described = await readSchemaFile(backup, manifest);
  // It has no live one beside it: what hangs on the database itself is told, and not given to it.
  const wanted = { ...options, described, databases: { live: database, copy: database } };
  const [, { differences, notes }] = await together(
    signal,
    (either) => gatherStatistics(url, { ...session, signal: either }, jobs),
    (either) =>
      withClient(url, { ...session, signal: either }, (client) => verifyCopy(client, manifest, wanted)),
  );
  if (differences.length) throw notAsBackup(database, differences);
  return notes;
}

interface Prepared extends Ready {
  /** Whether the database was made here. */
  made: boolean;
  hints: string[];
}

interface What {
  manifest: BackupManifest;
  backup: Backup;
  place: string;
}

async function prepare(server: Client, url: string, what: What, options: RestoreOptions): Promise<Prepared> {
  const { manifest, backup, place } = what;
  const { database: name } = connectionOf(url);
  const now = await identity(server);
  const ready = await readyFor(server, manifest, options);
  const found = (await databases(server)).find((each) => each.name === name);
  const half = found?.marker?.state === 'incomplete' && found.marker.run === RUN;
  const { faults, hints } = await roomFor(server, url, { jobs: options.jobs, atLeast: manifest.tableBytes });
  const older = Number.parseInt(manifest.database.serverVersion, 10) > now.major;
  const all = [
    ...(older
      ? [`it was taken on ${manifest.database.serverVersion}, and the server is ${now.version}`]
      : []),
    ...(found && !half ? await whyNotEmpty(url, found, now.systemId, manifest, options) : []),
    ...(await extensionFaults(server, manifest)),
    ...(await missingRoles(server, await rolesInArchive(ready.tools, backup.path, options))),
    ...faults,
  ];
  if (all.length) throw elsewhereUnfit(place, all);
  if (half) await dropDatabase(server, name);
  const made = !found || half;
  if (made) await make(server, name, manifest);
  return { ...ready, made, hints };
}

const RUN = 'restore elsewhere';

async function make(server: Client, name: string, { database }: BackupManifest): Promise<void> {
  await server.query(`CREATE DATABASE ${server.escapeIdentifier(name)} TEMPLATE template0`);
  await mark(server, name, { of: database.name, oid: database.oid, run: RUN, state: 'incomplete' });
}

/** What is there stays: a restore never merges. */
async function whyNotEmpty(
  url: string,
  found: Database,
  systemId: string | null,
  { database }: BackupManifest,
  { signal, applicationName }: RestoreOptions,
): Promise<string[]> {
  if (found.oid === database.oid && systemId === database.systemId)
    return ['it is the very database that was backed up: restore it without --to'];
  const n = await withClient(url, { applicationName, signal }, async (client) => {
    const { rows } = await client.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'p', 'v', 'm', 'S')`,
    );
    return rows[0]?.n ?? 0;
  });
  return n ? [`it has ${n} tables, views and sequences already: name an empty or a new database`] : [];
}
