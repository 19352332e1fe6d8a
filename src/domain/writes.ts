/** Rows inserted, updated and deleted in a table since its counters began, and the file that holds them. */
export type TableCounters = readonly [inserted: number, updated: number, deleted: number, file: number];

/**
 * How much has been written to a database up to a moment. `xid` is exact and at once: it moves with every
 * transaction that writes anything, in any database of the server. The tables say what was written, and are late
 * by as much as a session takes to report
 * (https://www.postgresql.org/docs/current/monitoring-stats.html).
 */
export interface WriteCounters {
  /** Server time, ISO 8601, UTC. */
  at: string;
  xid: string;
  /**
   * From when on all that was written before `at` is in the tables: a session that has just become idle reports
   * later. ISO 8601, UTC; null when no other session is connected.
   */
  reportedAt: string | null;
  /** When the counters were set back to nothing the last time; a crash of the server does that. */
  resetAt: string | null;
  /** By name, `schema.table`, quoted where SQL needs it. */
  tables: Readonly<Record<string, TableCounters>>;
}
