import type { Phase } from './phase.js';
import type { Risk } from './risk.js';

/** What a downgrade would do: run code, do nothing, refuse, or it is not there at all. */
export type DowngradeKind = 'code' | 'empty' | 'raises' | 'missing';

/** One pending revision as it would run. */
export interface PlannedRevision {
  revision: string;
  down: readonly string[];
  doc: string;
  /** Path relative to the Alembic project. */
  file: string;
  /** Of the revision file's bytes, hexadecimal. */
  sha256: string;
  risk: Risk;
  /** SQL as Alembic renders it offline; null when it could not be rendered. */
  upSql: string | null;
  downSql: string | null;
  upError?: string;
  downError?: string;
  downgrade: DowngradeKind;
  /**
   * Names in the revision that are another thing offline, such as `Session`: the SQL above may not be what it
   * will send.
   */
  onlineHints?: readonly string[];
  /** The same for `downSql`. */
  downHints?: readonly string[];
  /** What is certain of a revision that could not be rendered as a whole. */
  partly?: PartlyRendered;
  /** What it means for the release that runs now. */
  phase?: Phase;
  /** Where the SQL above comes from: places in `upSql`, ascending, each with the line of the file that says it. */
  lines?: readonly SqlLine[];
  /** Comments in the file that speak to Lockkeeper, such as `# lockkeeper: allow <rule> because <reason>`. */
  allowances?: readonly CommentLine[];
}

/** The statements of `upgrade` that need nothing from the database, rendered; and the others. */
export interface PartlyRendered {
  upSql: string;
  lines: readonly SqlLine[];
  steps: readonly UnknownStep[];
}

/** A statement of `upgrade` of which it is not known what it will send. */
export interface UnknownStep {
  /** 1-based. */
  line: number;
  /** In words. */
  why: string;
  /** Whether it calls what changes rows. */
  writes: boolean;
  /** It asks, and sends nothing else. */
  onlyReads: boolean;
  /** SQL that stands in it and that it may send, its parameters written as `$1`. */
  sql: readonly { line: number; sql: string }[];
}

export interface CommentLine {
  /** 1-based. */
  line: number;
  /** With its `#`. */
  text: string;
}

/** From this place on, the SQL is what that line of the revision file renders. */
export interface SqlLine {
  /** Characters from the start of the SQL. */
  offset: number;
  /** 1-based. */
  line: number;
  /** Alembic's own COMMIT or BEGIN around an autocommit_block. */
  runners?: true;
}
