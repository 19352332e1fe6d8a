import type { PhaseOfChange } from '../domain/phased.js';

/** One statement of a revision. */
export interface Part {
  sql: string;
  /** Why, as a comment above it. */
  why?: string;
}

/** One revision, before it has an id. */
export interface Draft {
  phase: Exclude<PhaseOfChange, 'backfill'>;
  /** In a few words: `add remark, kept in step with note`. Also its file's name. */
  does: string;
  up: readonly Part[];
  down: readonly Part[];
  /** Outside of a transaction: each statement for itself. */
  upAlone?: true;
  downAlone?: true;
}

/** What is left to a backfill: as `lockkeeper backfill start --file` reads it. */
export interface Filling {
  table: string;
  /** Column, as the catalog has it → expression. */
  set: Readonly<Record<string, string>>;
  where: string;
  verify: string;
}

/** All that is written for one change. */
export interface Scaffold {
  revisions: readonly Draft[];
  /** Between expand and constrain. */
  fill: readonly Filling[];
  /** After the first revision of contract's downgrade, where a table is large. */
  fillBack: readonly Filling[];
  /** What people should know, in whole sentences. */
  notes: readonly string[];
}

/** A CREATE INDEX CONCURRENTLY or a VALIDATE, alone in its revision: nothing else can be left half done. */
export const alone = (
  phase: Draft['phase'],
  does: string,
  up: readonly Part[],
  down: readonly Part[],
): Draft => ({ phase, does, up, down, upAlone: true, ...(down.length ? { downAlone: true as const } : {}) });

/**
 * One statement for all locks of a revision that needs several tables: taken one after the other, between statements,
 * they would meet transactions of the application that have one of them and want another. For a revision in which
 * nothing reads or writes a row under them.
 */
export function locking(...tables: readonly string[]): { up: Part; down: Part } {
  const sql = `LOCK TABLE ${[...new Set(tables)].join(', ')} IN ACCESS EXCLUSIVE MODE`;
  const why = 'all locks at once or none, and nothing reads or writes a row under them';
  return { up: { sql, why: `lockkeeper: allow table-locked because ${why}` }, down: { sql, why } };
}

export const parts = (...statements: readonly string[]): Part[] => statements.map((sql) => ({ sql }));
