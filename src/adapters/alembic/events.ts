import type { LockHolder } from '../../domain/problems/alembic-run.js';
import type { Trace } from '../../domain/trace.js';
import type { Failure } from './failure.js';
import type { DatabaseIdentity, FileInspection, Inspection } from './inspection.js';

/** What the bridge tells while it works. `ms`: milliseconds; `sql`: at most 10,000 characters. */
export type BridgeEvent =
  | { event: 'hello'; python: string; alembic: string; sqlalchemy: string }
  | ({ event: 'connect' } & DatabaseIdentity)
  | { event: 'lock_wait'; holder: LockHolder }
  | { event: 'step'; revision: string; index: number; of: number }
  | { event: 'step_done'; revision: string; ms: number }
  /** A revision connects past SQLAlchemy: what it sends there is not seen. `at`: `file:line` of the project. */
  | { event: 'own_connection'; revision: string; driver: string; at: string | null }
  | { event: 'statement'; revision: string; sql: string; ms: number; rows: number | null; trace?: Trace }
  /** Of a traced run: right before the commit. */
  | { event: 'commit' }
  | { event: 'statement_failed'; revision: string | null; sql: string; sqlstate: string | null };

/** What the bridge wants the worker's leave for. */
export type BridgeAsk =
  | ({ ask: 'connect'; id: number } & DatabaseIdentity)
  | { ask: 'step'; id: number; revision: string; inTransaction: boolean }
  | StatementAsk
  | RetryAsk
  | { ask: 'commit'; id: number }
  | RowsAsk;

/** For the next rows of a function of the user, with what became of those before. */
export interface RowsAsk {
  ask: 'rows';
  id: number;
  /** JSON: for each row its values as text by column, or null for one that stays. */
  returned?: string;
  /** The error that the function raised. */
  raised?: string;
  /** Why what it gave back cannot be written, whatever the row is. */
  unfit?: string;
}

/** Values as PostgreSQL's text. */
export type RowTexts = readonly (string | null)[];

/** Before a statement is sent. */
export interface StatementAsk {
  ask: 'statement';
  id: number;
  revision: string;
  /** At most 100,000 characters: then it may be cut. */
  sql: string;
  /** Of the session that sends it. */
  pid: number;
  /** Whether the server's session is in a transaction, which then may hold locks already. */
  inTransaction: boolean;
}

/** An attempt did not get its lock and was taken back; `ms`: how long it queued. */
export interface RetryAsk {
  ask: 'retry';
  id: number;
  revision: string;
  ms: number;
}

/** Leave to go on, or why not: then all that is not committed yet rolls back. */
export type Leave =
  | {
      do: 'go';
      /** In force from now on; absent: as it is. 0: none. */
      lockTimeoutMs?: number;
      /** Whether an attempt that does not get its lock is taken back, and `retry` asked. */
      savepoint?: boolean;
      /** Sent in place of it, all or none, once it is proved that it could be done itself. */
      instead?: readonly string[];
      /** Statements that may follow in the same transaction without being asked for, as long as they come in this order. */
      ahead?: { statements: readonly string[]; lockTimeoutMs: number };
      /** For `rows`; absent: there are no more. */
      rows?: readonly RowTexts[];
    }
  | { do: 'abort'; why: string };

/** What an upgrade or a downgrade did. */
export interface Migrated {
  revisions: string[];
  /** Statements that were sent for these revisions, Alembic's own to its version table among them. */
  statements: number;
  ms: number;
}

/** The bridge's last word. */
export type BridgeResult =
  | ({ event: 'inspection' } & (Inspection | FileInspection))
  | ({ event: 'done' } & Migrated)
  /** Revision files, relative to the project, in their order. */
  | { event: 'written'; files: string[] }
  /** There were no more rows. */
  | { event: 'over' }
  | ({ event: 'failed' } & Failure);

export type BridgeMessage = BridgeEvent | BridgeAsk | BridgeResult;
