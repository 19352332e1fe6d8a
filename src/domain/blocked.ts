import type { LockMode } from './plan.js';

/** A session, or a prepared transaction, that holds a lock in the way of a statement. */
export interface Holder {
  /** 0 where it is a prepared transaction, which no session has any more. */
  pid: number;
  /** ISO 8601, UTC: with it the pid means this session and no later one. Empty where the role may not see it. */
  backendStart: string;
  /** These are null where the role may not see what others do (`pg_read_all_stats`). */
  user: string | null;
  application: string | null;
  state: string | null;
  /** How long its transaction is open. */
  transactionMs: number | null;
  /** What it does, or did last; at most 200 characters. */
  query: string | null;
  mode: LockMode;
  /** Global id of the prepared transaction. */
  prepared?: string;
}

/**
 * Why nobody got on: `holder`, one that does not end; `no-gap`, readers that overlap without a gap; `budget`, what the
 * plan allows is used up; `wraparound`, an autovacuum that must not be cancelled; `prepared`, a prepared transaction.
 */
export const blockedReasons = ['holder', 'no-gap', 'budget', 'wraparound', 'prepared'] as const;
export type BlockedReason = (typeof blockedReasons)[number];

/** Where a migration stands that could not get a lock: its open transaction is rolled back, nobody waits for it. */
export interface Blocked {
  reason: BlockedReason;
  revision: string;
  /** At most 1,000 characters. */
  statement: string;
  relations: readonly { name: string; lock: LockMode }[];
  /** The first 20, the oldest first. */
  holders: readonly Holder[];
  /** How long it waited for them in all, mostly without anybody waiting behind it. */
  waitedMs: number;
  /** How long it may have kept others waiting, and how long it was allowed to. */
  stalledMs: number;
  budgetMs: number;
  /** Of `no-gap`: the budget that would probably do, as far as the readers were seen. */
  needMs?: number;
  /** Revisions that this run has committed before: they stay. */
  committed: readonly string[];
  /** It is being taken back: then giving up leaves it to a person. */
  undo?: true;
  /** An autocommit block has committed part of the revision that is blocked: it cannot be begun again as it is. */
  midway?: boolean;
}

/** A session that a person wants ended: the same one only with the same start. */
export interface SessionToCancel {
  pid: number;
  backendStart: string;
}

/** What a person decided for the next attempt. */
export interface StallOptions {
  /** In place of the plan's. */
  budgetMs?: number;
  /** Ended once, before the first statement. */
  cancel?: readonly SessionToCancel[];
}

/** The code of the Problem that an upgrade or a downgrade ends with; the failure's second detail is the `Blocked`. */
export const LOCK_BLOCKED = 'lock-blocked';

/** Whether a value from the wire says what a migration is blocked by. */
export const isBlocked = (value: unknown): value is Blocked =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Blocked).statement === 'string' &&
  Array.isArray((value as Blocked).holders) &&
  typeof (value as Blocked).budgetMs === 'number';
