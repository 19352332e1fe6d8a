import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backup, BackupManifest } from '../../domain/backup.js';
import type { VersionTable } from '../../domain/plan.js';
import { writeCounters } from '../closure/counters.js';
import { writeAtomically } from '../disk.js';
import { type Client, withClient } from '../postgres/client.js';
import { connectionOf } from '../postgres/connection.js';
import { copyDatabase } from '../postgres/copy-database.js';
import { copyProperties } from '../postgres/database-properties.js';
import { databaseNamed, dropDatabase, mark, onServer, withDatabase } from '../postgres/databases.js';
import { identity } from '../postgres/identity.js';
import { backupOf, readManifest } from './files.js';
import { hashOfFiles } from './hashes.js';
import { describeNow } from './restore-compare.js';
import { copiesOfRun, copyName } from './restore-copies.js';
import { sessionName } from './session-name.js';

export interface ClosedOptions {
  /** Where the description is kept; made when it is not there. */
  folder: string;
  /** Names the backup. Whoever asks for the same name again gets the same one. */
  id: string;
  /** Names the run, and what it copies for: copies are found by it. */
  run: string;
  applicationName: string;
  attempt: number | string;
  ignore: readonly string[];
  versionTable?: VersionTable;
  release: string | null;
  signal: AbortSignal;
  onProgress: (text: string) => void;
}

/**
 * Copies a closed database on its own server: what its undo swaps in. Counts and schema are those of the copy. Safe
 * to repeat, and to be killed anywhere: a finished copy is given back, an unfinished one is dropped first.
 *
 * @throws Problem of `copyDatabase`, `copyProperties`, `describeNow`, `withClient`
 */
export async function takeTemplate(database: { url: string }, options: ClosedOptions): Promise<Backup> {
  const { url } = database;
  const { run, applicationName, attempt, signal, onProgress } = options;
  const session = { applicationName: sessionName(applicationName, attempt), signal };
  const live = connectionOf(url).database;
  const before = await onServer(url, session, (server) => finished(server, live, options));
  if (before) return before;
  const moment = await withClient(url, session, momentOf);
  const name = copyName(moment.server.oid, run);
  onProgress('copying the database');
  await onServer(url, session, (server) =>
    onServer(url, session, (ender) => copyDatabase(server, ender, live, name)),
  );
  const marker = { of: live, oid: moment.server.oid, run } as const;
  await onServer(url, session, async (server) => {
    await mark(server, name, { ...marker, state: 'incomplete' });
    await copyProperties(server, live, name);
  });
  onProgress('counting what was copied');
  const known = await withClient(withDatabase(url, name), session, (client) => describeNow(client, options));
  const backup = await keep(options, { ...moment, ...known, archive: name, kind: 'template' });
  // From here on nobody drops it but who knows how its run has ended.
  await onServer(url, session, (server) =>
    mark(server, name, { ...marker, state: 'kept', at: new Date().toISOString() }),
  );
  return backup;
}

/**
 * Describes a closed database that something else puts aside, so that it can be told whether it came back.
 *
 * @param take - puts it aside
 */
export async function describeClosed(
  database: { url: string },
  options: ClosedOptions,
  take: () => Promise<unknown>,
): Promise<Backup> {
  const before = await described(options);
  if (before) return before;
  const session = {
    applicationName: sessionName(options.applicationName, options.attempt),
    signal: options.signal,
  };
  const all = await withClient(database.url, session, async (client) => ({
    ...(await momentOf(client)),
    ...(await describeNow(client, options)),
  }));
  await take();
  return keep(options, { ...all, archive: options.id, kind: 'command' });
}

/** What an earlier attempt has finished; what it has not is dropped. */
async function finished(server: Client, live: string, options: ClosedOptions): Promise<Backup | undefined> {
  const { oid } = await databaseNamed(server, live);
  const copies = await copiesOfRun(server, oid, options.run);
  const backup = await described(options);
  const done = copies.find(({ name, marker }) => name === backup?.path && marker?.state === 'kept');
  for (const { name } of copies) if (name !== done?.name) await dropDatabase(server, name);
  return done && backup;
}

const momentOf = async (client: Client) => ({
  server: await identity(client),
  writes: await writeCounters(client),
});

type Moment = Awaited<ReturnType<typeof momentOf>>;
type Known = Moment &
  Awaited<ReturnType<typeof describeNow>> & { archive: string; kind: NonNullable<Backup['kind']> };

const pathOf = ({ folder, id }: ClosedOptions): string =>
  join(folder, `${id.replace(/[^\w.@-]+/g, '-')}.json`);

async function described(options: ClosedOptions): Promise<Backup | undefined> {
  const manifest = await readManifest(pathOf(options));
  return manifest && closedBackup(pathOf(options), manifest);
}

const closedBackup = (path: string, manifest: BackupManifest): Backup => ({
  ...backupOf(path, manifest),
  path: manifest.file,
  ...(manifest.kind ? { kind: manifest.kind } : {}),
});

async function keep(
  options: ClosedOptions,
  { server, writes, archive, kind, ...known }: Known,
): Promise<Backup> {
  const { id, ignore, versionTable, release, folder } = options;
  const { database: name, oid, systemId, version: serverVersion } = server;
  const manifest: BackupManifest = {
    ...{
      formatVersion: 2,
      id,
      file: archive,
      kind,
      files: [],
      bytes: 0,
      sha256: hashOfFiles([]),
      level: 'L2',
    },
    ...{ startedAt: writes.at, finishedAt: new Date().toISOString() },
    database: { name, oid, systemId, serverVersion },
    ...{ pgDumpVersion: '', compression: '', snapshot: '', tableBytes: 0, ...known },
    ...{ writes, release, ignore, ...(versionTable ? { versionTable } : {}) },
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeAtomically(pathOf(options), `${JSON.stringify(manifest, null, 2)}\n`);
  return closedBackup(pathOf(options), manifest);
}
