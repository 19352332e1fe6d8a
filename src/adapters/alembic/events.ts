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
  | { event: 'statement'; revision: string; sql: string; ms: number; rows: number | null; trace?: Trace }
  /** Of a traced run: right before the commit. */
  | { event: 'commit' }
  | { event: 'statement_failed'; revision: string | null; sql: string; sqlstate: string | null };

/** What the bridge wants the worker's leave for. */
export type BridgeAsk =
  | ({ ask: 'connect'; id: number } & DatabaseIdentity)
  | { ask: 'step'; id: number; revision: string }
  | { ask: 'statement'; id: number; revision: string; sql: string }
  | { ask: 'commit'; id: number };

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
  | ({ event: 'failed' } & Failure);

export type BridgeMessage = BridgeEvent | BridgeAsk | BridgeResult;
