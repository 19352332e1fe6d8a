/** What a backfill does to which rows. Texts of SQL are the user's own. */
export interface BackfillDefinition {
  /** As SQL has it: `orders`, `public."Orders"`. */
  table: string;
  /** Column → expression of the row's own columns; empty where a function gives the values. */
  set: Readonly<Record<string, string>>;
  /** Absent in what earlier releases have kept. */
  python?: PythonWay | null;
  /** Which rows still need it; null: every row, once. */
  where: string | null;
  /** What holds for every row at the end; null: nothing is compared. */
  verify: string | null;
  /** Columns of a unique index in place of the primary key; empty: the primary key. */
  key: readonly string[];
  batch: { targetMs: number; first: number; least: number; most: number };
  /** How long a batch may wait for a row that somebody else holds, in milliseconds. */
  lockTimeoutMs: number;
  /** More rows than this whose expression fails stop it. */
  mostParked: number;
  rowsPerSecond: number | null;
  /** Times of the week in which it may work; empty: always. */
  hours: readonly string[];
  throttle: ThrottleLimits;
}

/** A function of the user's project that gives the values. */
export interface PythonWay {
  /** `module:function` */
  function: string;
  /** Columns that it is given, besides the key. */
  reads: readonly string[];
  /** Columns that it gives back. */
  writes: readonly string[];
}

/** Columns that it changes. */
export const changedColumns = ({
  set,
  python,
}: Pick<BackfillDefinition, 'set' | 'python'>): readonly string[] =>
  python ? python.writes : Object.keys(set);

/** Limits of what the user cares about; null: not looked at. */
export interface ThrottleLimits {
  /** Of the application: by an address that is asked, or a query that gives one number. */
  p95: { ms: number; url: string | null; field: string | null; query: string | null } | null;
  /** How far the slowest standby may be behind, in milliseconds. */
  lagMs: number | null;
  walMiBPerSecond: number | null;
  /** Other sessions of this database that are at work. */
  activeSessions: number | null;
  /** Dead rows of the table, in percent of its rows. */
  deadPercent: number | null;
  /** Dead rows of the table, in multiples of what starts its autovacuum. */
  autovacuumBehind: number | null;
  /** Where the worker sees the disk of the database. */
  freeDisk: { path: string; GiB: number } | null;
}

/** How far it is, as it is kept beside the rows themselves. */
export interface BackfillStanding {
  phase: 'rows' | 'parked' | 'verify' | 'done';
  /** 1 is the first; further ones take what the condition still finds. */
  pass: number;
  /** Rows looked at in this phase of this pass. */
  scanned: number;
  /** Rows changed in all. */
  changed: number;
  batches: number;
  /** Rows of the table, an estimate. */
  estimate: number;
  parked: number;
  /** Rows that the condition still finds, and that do not compare; null: not known yet. */
  left: number | null;
  differ: number | null;
}

/** A row whose expression fails, left as it was. */
export interface ParkedRow {
  /** The values of its key, as text. */
  key: readonly string[];
  code: string;
  error: string;
}
