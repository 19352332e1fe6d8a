/** What one statement did on a copy, as the bridge measured it from within its session. */
export interface Trace {
  /** It was in a transaction that was still open afterwards. Of others neither locks nor rows are known. */
  open: boolean;
  walBytes: number;
  /** The strongest lock that it took on each relation that was there; `kind` as pg_class.relkind, mode as in pg_locks. */
  locks: readonly (readonly [name: string, kind: string, mode: string])[];
  /** Tables and materialized views that were written anew. */
  rewritten: readonly string[];
  dropped: readonly string[];
  rows: readonly TracedRows[];
}

/** Of a relation that was there before: how often and how much it was read, and what was written. */
export type TracedRows = readonly [
  name: string,
  scans: number,
  read: number,
  fetched: number,
  inserted: number,
  updated: number,
  deleted: number,
];

/** One statement as it was sent going forward. */
export interface TracedStatement {
  revision: string;
  sql: string;
  ms: number;
  trace?: Trace;
  /** From when it was sent until its transaction ended: how long its locks were held. Milliseconds. */
  heldMs: number;
}

/** `AccessExclusiveLock` of pg_locks as the documentation calls it: `ACCESS EXCLUSIVE`. */
export const modeInWords = (mode: string): string =>
  mode
    .replace(/Lock$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
