import { basename } from 'node:path';
import type { BackupManifest } from '../../domain/backup.js';
import type { WriteCounters } from '../../domain/writes.js';
import type { Identity } from '../postgres/identity.js';
import type { Description } from './describe.js';
import type { BackupFiles } from './files.js';
import type { Preflight } from './preflight.js';
import type { Snapshot } from './snapshot.js';

/** What is known of a backup when all is done. */
export interface Taken extends Preflight, Description {
  server: Identity;
  snapshot: Snapshot;
  bytes: number;
  sha256: string;
  finishedAt: string;
  writes: WriteCounters;
  about: Pick<BackupManifest, 'release' | 'versionTable' | 'ignore'>;
}

export const manifestOf = (files: BackupFiles, taken: Taken): BackupManifest => ({
  formatVersion: 1,
  id: files.id,
  file: basename(files.archive),
  bytes: taken.bytes,
  sha256: taken.sha256,
  level: 'L2',
  startedAt: taken.snapshot.at,
  finishedAt: taken.finishedAt,
  database: {
    name: taken.server.database,
    oid: taken.server.oid,
    systemId: taken.server.systemId,
    serverVersion: taken.server.version,
  },
  pgDumpVersion: taken.tools.dumpVersion,
  compression: taken.tools.compression,
  revisions: taken.revisions,
  fingerprint: taken.fingerprint,
  snapshot: taken.snapshot.id,
  tableBytes: taken.tableBytes,
  contents: taken.contents,
  writes: taken.writes,
  ...taken.about,
});
