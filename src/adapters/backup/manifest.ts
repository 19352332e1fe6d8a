import { basename } from 'node:path';
import type {
  BackedUpDatabase,
  BackupDurations,
  BackupFile,
  BackupGlobals,
  BackupManifest,
} from '../../domain/backup.js';
import type { WriteCounters } from '../../domain/writes.js';
import type { Identity } from '../postgres/identity.js';
import type { Description } from './describe.js';
import type { BackupFiles } from './files.js';
import { byPath, hashOfFiles } from './hashes.js';
import type { Preflight } from './preflight.js';
import type { Snapshot } from './snapshot.js';

/** What is known of a backup when all is done. */
export interface Taken extends Preflight, Description {
  server: Identity;
  log: Pick<BackedUpDatabase, 'timeline' | 'standby'>;
  snapshot: Snapshot;
  files: readonly BackupFile[];
  globals: BackupGlobals | null;
  jobs: number;
  durations: BackupDurations;
  xminAge: number;
  alarms: readonly string[];
  finishedAt: string;
  writes: WriteCounters;
  about: Pick<BackupManifest, 'release' | 'versionTable' | 'ignore' | 'schema'>;
}

export function manifestOf(files: BackupFiles, taken: Taken): BackupManifest {
  const all = [...taken.files].sort(byPath);
  return {
    formatVersion: 2,
    id: files.id,
    file: basename(files.archive),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    sha256: hashOfFiles(all),
    level: 'L2',
    startedAt: taken.snapshot.at,
    finishedAt: taken.finishedAt,
    ...(taken.alarms.length ? { alarms: taken.alarms } : {}),
    database: databaseOf(taken),
    pgDumpVersion: taken.tools.dumpVersion,
    pgRestoreVersion: taken.tools.restoreVersion,
    compression: taken.tools.compression,
    jobs: taken.jobs,
    revisions: taken.revisions,
    fingerprint: taken.fingerprint,
    snapshot: taken.snapshot.id,
    lsn: taken.snapshot.lsn,
    durations: taken.durations,
    xminAge: taken.xminAge,
    tableBytes: taken.tableBytes,
    contents: taken.contents,
    writes: taken.writes,
    ...taken.about,
    globals: taken.globals,
    files: all,
  };
}

const databaseOf = ({ server, log }: Taken): BackedUpDatabase => {
  const { database: name, oid, systemId, version: serverVersion } = server;
  return { name, oid, systemId, serverVersion, ...log };
};
