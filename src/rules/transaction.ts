import type { LockedRelation } from '../domain/plan.js';

/** A lock that an earlier statement of the same transaction took, and that is held until its end. */
export interface HeldLock extends LockedRelation {
  statement: string;
  revision?: string;
}

/** A value added to an enum in a transaction that is still open. */
export interface AddedLabel {
  type: string;
  label: string;
  /** The type itself was made in the same transaction: PostgreSQL 17 and later let the value be used. */
  typeIsNew: boolean;
  revision?: string;
}

/** A statement that was sent, of a revision that the version table does not name yet. */
export interface DoneStatement {
  text: string;
  revision?: string;
  /** It stays, whatever fails later. */
  committed: boolean;
  /** Running it again changes nothing and does not fail. */
  repeatable: boolean;
}

/** What shares a transaction with the statement that is looked at. */
export interface Transaction {
  /** `none`: each statement commits by itself; `unsure`: a COMMIT or BEGIN by hand, which drivers take differently. */
  state: 'open' | 'none' | 'unsure';
  /** Whether a runner such as Alembic begins and ends transactions. */
  managed: boolean;
  /** Locks on relations that were there before, in the order taken. */
  held: readonly HeldLock[];
  labels: readonly AddedLabel[];
  /** Timeouts that the SQL itself has set, and that are in force: name → value as written. */
  timeouts: ReadonlyMap<string, string>;
  /** What stays if this statement fails, and would be in the way of the next attempt; told once after each commit. */
  leftBehind: readonly DoneStatement[];
}
