import type { VersionTable } from './plan.js';
import type { WriteCounters } from './writes.js';

/** A finished backup, as it travels: small, whatever the size of the database. */
export interface Backup {
  /** The name it was taken under. */
  id: string;
  /** The archive: a folder of `pg_dump --format=directory`; in manifests of version 1 a file of `--format=custom`. */
  path: string;
  /** The file that describes it: a `BackupManifest` as JSON. */
  manifest: string;
  /** Size of all its files. */
  bytes: number;
  /** SHA-256, hexadecimal, that stands for all its files: `hashOfFiles`; in version 1 that of the archive. */
  sha256: string;
  /** When its snapshot was taken: ISO 8601, by the clock of the database. */
  startedAt: string;
  finishedAt: string;
  /** How far it was proved when it was taken. */
  level: ProofLevel;
  /** What a person should look at although the backup is whole; none: nothing. */
  alarms?: readonly string[];
  /**
   * Of one that was taken of a closed database for the run alone, and is no archive. `template`: a copy of the
   * database on its own server, named by `path`. `command`: whatever a command of the user has put aside.
   */
  kind?: 'template' | 'command';
}

/** One file of a backup. */
export interface BackupFile {
  /** Beside the manifest, with `/` in it: `run-1.dump/toc.dat`. */
  path: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/**
 * How far a backup is proved. L1: each file hashed again; L2: read back to its end; L3: restored into a scratch
 * database that then equals its manifest; L4: the application's own checks hold there, too.
 */
export type ProofLevel = 'L1' | 'L2' | 'L3' | 'L4';

/** What is known of a backup. All contents were counted in the very snapshot that was dumped. */
export interface BackupManifest extends Omit<Backup, 'path' | 'manifest'> {
  /** 1: the archive is one file, and what is optional here is not there. 2: it is a folder. */
  formatVersion: 1 | 2;
  /** Name of the archive, beside the manifest. */
  file: string;
  /** All that belongs to the backup: what a copy of it must have. Sorted by path. */
  files: readonly BackupFile[];
  /** Roles, memberships, settings of roles, tablespaces; null: they could not be read, and an alarm says why. */
  globals?: BackupGlobals | null;
  database: BackedUpDatabase;
  pgDumpVersion: string;
  pgRestoreVersion?: string;
  /** Sessions that dumped at the same time. */
  jobs?: number;
  /** As given to `pg_dump --compress`. */
  compression: string;
  /** Rows of the Alembic version table. */
  revisions: readonly string[];
  /** The snapshot that was dumped, as PostgreSQL names it. */
  snapshot: string;
  /** Where the write-ahead log was when the snapshot was taken, such as `0/1A2B3C4`. */
  lsn?: string;
  durations?: BackupDurations;
  /** Transactions that have begun while it ran: vacuum could not clear up behind them. */
  xminAge?: number;
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
  /** Describes the schema in full, a line an object: what a copy is held against. One of its files. */
  schema?: string;
}

export interface BackupGlobals {
  /** SQL of `pg_dumpall --globals-only`, beside the manifest, among its `files`. */
  file: string;
  /** Whether the verifiers of passwords are in it: not every role may read them. */
  passwords: boolean;
}

/** In milliseconds. */
export interface BackupDurations {
  /** From the first lock to the snapshot. */
  lock: number;
  /** pg_dump, while rows were counted and files hashed. */
  dump: number;
  /** Reading all back. */
  prove: number;
  whole: number;
}

export interface BackedUpDatabase {
  name: string;
  oid: number;
  /** Of the cluster; null where the role may not ask. */
  systemId: string | null;
  serverVersion: string;
  /** Of the write-ahead log: each promotion of a standby begins another; null: not known. Not in backups of before. */
  timeline?: number | null;
  /** Whether the server was a standby. */
  standby?: boolean;
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
  /** Of their contents, a hash for each group of them; not in backups of before. */
  largeObjectHashes?: Readonly<Record<string, string>>;
  /** Version of each extension. */
  extensions: Readonly<Record<string, string>>;
  /** A hash of the values in each table, by `schema.table`, whatever the order of its rows (`backup.contentHash`). */
  hashes?: Readonly<Record<string, string>>;
}

/** One time that a backup was tried. `<name>.proved` has them as lines of JSON, the oldest first. */
export interface Proof {
  level: ProofLevel;
  /** When it was over: ISO 8601, UTC. */
  at: string;
  /** The run that tried it. */
  run: string;
  /** How long all of it took. */
  ms: number;
  /** How long restoring took, indexes and ANALYZE included. */
  restoreMs?: number;
  /** What was seen besides, in words. */
  notes?: readonly string[];
  /** Why it does not hold, in words; not there: it holds. */
  failed?: string;
}

/** Levels in their order. */
export const proofLevels = ['L1', 'L2', 'L3', 'L4'] as const satisfies readonly ProofLevel[];

/** Whether a database was made of it that then equalled its manifest. */
export const isProven = ({ level, failed }: Pick<Proof, 'level' | 'failed'>): boolean =>
  failed === undefined && (level === 'L3' || level === 'L4');

/**
 * The last time that it was restored and compared, as long as nothing has spoken against it since. Checks of the
 * application that fail on the copy (L4) do not: what was backed up is what was restored.
 *
 * @param proofs - of one backup, the oldest first
 */
export function lastProven(proofs: readonly Proof[]): Proof | undefined {
  const last = proofs.findLastIndex(isProven);
  return proofs.slice(last + 1).some(speaksAgainst) ? undefined : proofs[last];
}

const speaksAgainst = ({ level, failed }: Proof): boolean => failed !== undefined && level !== 'L4';
