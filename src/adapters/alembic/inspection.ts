import type { Inputs } from './inputs.js';
import type { CommentLine, DowngradeKind, PartlyRendered, SqlLine } from '../../domain/plan.js';

/** A database as one of the bridge's sessions sees it. */
export interface DatabaseIdentity {
  /** Of the session. */
  pid: number;
  database: string;
  user: string;
  /** When the server was started: ISO 8601, UTC, with microseconds. */
  startedAt: string;
  /** null on a socket file. */
  address: string | null;
  port: number | null;
  /** Such as 180006. */
  serverVersion: number;
}

/** One revision that the database lacks. */
export interface PendingRevision {
  revision: string;
  /** Its down_revision: none for a base, several for a merge. */
  down: string[];
  dependsOn: string[];
  labels: string[];
  /** First line of its docstring. */
  doc: string;
  /** Path of its file, relative to the project. */
  file: string;
  /** Of the file's bytes, hexadecimal. */
  sha256: string;
  downgrade: DowngradeKind;
  /** Names in it that are another thing offline (`Session`, …): its offline SQL may be wrong without an error. */
  onlineHints: string[];
  /** The same for `downSql`. */
  downHints: string[];
  /** Comments in it that speak to Lockkeeper, such as `# lockkeeper: allow …`. */
  allowances: CommentLine[];
  /** Its id does not fit the version column: it would fail at its very end. */
  tooLong: boolean;
  /** As Alembic renders it offline, without env.py; null when it cannot be rendered. */
  upSql: string | null;
  upError?: string;
  /** What is certain of a revision that cannot be rendered as a whole; absent where nothing is. */
  partly?: PartlyRendered;
  /** Which lines of the file have said `upSql`; empty when it could not be rendered. */
  lines: SqlLine[];
  downSql: string | null;
  downError?: string;
}

/** The file of a revision: relative to the project, and the hash of its bytes, hexadecimal. */
export interface RevisionFile {
  revision: string;
  file: string;
  sha256: string;
}

/** What the revision files say. */
export interface FileInspection {
  versions: { python: string; alembic: string; sqlalchemy: string };
  /** Where the database stands, or what was given as `from`, sorted. Empty: before the first revision. */
  current: string[];
  heads: string[];
  bases: string[];
  /** Revisions from which more than one goes on. */
  branches: string[];
  /** What the database has, or what is below `from`, with the files as they are now. */
  applied: RevisionFile[];
  /** What this was made of. */
  inputs?: Inputs;
  /** In the order in which `alembic upgrade heads` would run them. */
  pending: PendingRevision[];
}

/** What the revision files and the database behind env.py say. */
export interface Inspection extends FileInspection {
  identity: DatabaseIdentity;
  /** `schema` is left out when env.py names none; `idLength`: characters that fit; null: no limit. */
  versionTable: { table: string; schema?: string; idLength: number | null };
  /** Whether env.py commits after each revision; otherwise all of them are one transaction. */
  transactionPerMigration: boolean;
}
