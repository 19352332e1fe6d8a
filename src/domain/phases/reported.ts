import type { LockedRelation } from '../plan.js';
import type { RunRecord } from '../record.js';

/** A run of a change with what else the state folder knows of it. */
export interface ReportedRun {
  record: RunRecord;
  /** The strongest on each relation, as its plan has them; `measured`: a rehearsal has seen it. */
  locks: readonly ReportedLock[];
  /** That were sent to the database for its revisions, in their order. */
  statements: readonly SentStatement[];
  /** How many there were; more than are told. */
  sent: number;
}

export interface ReportedLock extends Pick<LockedRelation, 'name' | 'lock'> {
  /** Absent where only the rehearsal knows of it. */
  blocks?: LockedRelation['blocks'];
  measured: boolean;
}

export interface SentStatement {
  revision: string;
  sql: string;
  ms: number;
  /** That it changed; null: it changes none. */
  rows: number | null;
}
