import type { VersionTable } from './plan.js';
import type { WriteCounters } from './writes.js';

/** A finished backup, as it travels: small, whatever the size of the database. */
export interface Backup {
  /** The name it was taken under. */
  id: string;
  /** The archive: a file of `pg_dump --format=custom`. */
  path: string;
  /** The file that describes it: a `BackupManifest` as JSON. */
  manifest: string;
  /** Size of the archive. */
  bytes: number;
  /** Of the archive, hexadecimal. */
  sha256: string;
  /** When its snapshot was taken: ISO 8601, by the clock of the database. */
  startedAt: string;
  finishedAt: string;
  /** How far it was proved when it was taken. */
  level: ProofLevel;
}

/**
 * How far a backup is proved. L1: each file hashed again; L2: read back to its end; L3: restored into a scratch
 * database that then equals its manifest; L4: the application's own checks hold there, too.
 */
export type ProofLevel = 'L1' | 'L2' | 'L3' | 'L4';

/** What is known of a backup. All contents were counted in the very snapshot that was dumped. */
export interface BackupManifest extends Omit<Backup, 'path' | 'manifest'> {
  formatVersion: 1;
  /** Name of the archive, beside the manifest. */
  file: string;
  database: BackedUpDatabase;
  pgDumpVersion: string;
  /** As given to `pg_dump --compress`. */
  compression: string;
  /** Rows of the Alembic version table. */
  revisions: readonly string[];
  /** The snapshot that was dumped, as PostgreSQL names it. */
  snapshot: string;
  /** Bytes of all tables without their indexes, to estimate the next backup from. */
  tableBytes: number;
  contents: BackupContents;
  /** Hash of the schema. */
  fingerprint: string;
  /** What the schema's hash leaves out: whoever compares must leave out the same. */
  versionTable?: VersionTable;
  ignore?: readonly string[];
  /** The release that ran when it was taken; null: not known. */
  release?: string | null;
  /** How much had been written by then, so that it can be told what was written since. */
  writes?: WriteCounters;
}

export interface BackedUpDatabase {
  name: string;
  oid: number;
  /** Of the cluster; null where the role may not ask. */
  systemId: string | null;
  serverVersion: string;
}

export interface BackupContents {
  /** Rows of each table, by `schema.table`. A restored copy must have exactly these. */
  tables: Readonly<Record<string, number>>;
  /**
   * Last value of each sequence that was used. Sequences are outside every snapshot: a restored copy may be
   * ahead of these, never behind.
   */
  sequences: Readonly<Record<string, string>>;
  largeObjects: number;
  /** Version of each extension. */
  extensions: Readonly<Record<string, string>>;
}
