/**
 * What one table of the live database holds that the database to come does not, row by row. Rows are the same when
 * all columns that both have are the same as text; generated columns do not count.
 */
export interface LostTable {
  /** `schema.table`, quoted where SQL needs it. */
  name: string;
  /** Rows that only the live one has. */
  inserted: number;
  /** Rows that both have, with other values. */
  changed: number;
  /** Rows that only the other one has: they were deleted, and would come back. */
  deleted: number;
  /** Rows that the live one has in all; null: not counted. */
  rows: number | null;
  /** Which of both has the table. */
  where: 'both' | 'only live' | 'only backup';
  /** Why it was not compared row by row, and what is known instead, in words. */
  unsure?: string;
}

/** All that would be lost, as people approve it. */
export interface Lost {
  /** Names the folder of the state folder that holds the rows. */
  id: string;
  /** Inserted, changed and deleted, of all tables that were compared. */
  rows: number;
  /** Tables that these rows are of. */
  tables: number;
  /** Whether every table was compared row by row. */
  exact: boolean;
  /** SHA-256 of the folder's index, which has those of all its files; hexadecimal. */
  sha256: string;
}

export interface LostFile {
  file: string;
  bytes: number;
  sha256: string;
  /** Statements in it, a line each. */
  statements: number;
}

export interface LostColumn {
  /** Quoted where SQL needs it. */
  name: string;
  type: string;
  /** Identity column: `a` GENERATED ALWAYS, `d` BY DEFAULT, `` none. */
  identity: string;
  /** Whether equal values of it may be written in several ways, as `1.0` and `1.00`. */
  loose?: boolean;
}

/** One table's rows in files: how to find a row, and what a row was made of. */
export interface LostRows extends LostTable {
  /** Columns that tell rows apart; empty: the table has no key, and equal rows are counted. */
  key: readonly string[];
  columns: readonly LostColumn[];
  /** Rows of a partitioned table are those of its partitions. */
  partitioned: boolean;
  /** DELETE statements, for what was deleted in the live one. */
  deletes?: LostFile;
  /** INSERT … ON CONFLICT DO UPDATE. */
  upserts?: LostFile;
}

/** The index of one folder: lost.json. */
export interface LostIndex {
  formatVersion: 1;
  id: string;
  target: string;
  /** The database that the rows were read from. */
  database: { name: string; oid: number };
  /** What they were compared with, in words. */
  comparedWith: string;
  /** When the rows were read: ISO 8601, by the clock of the database. */
  at: string;
  /** Parents before children, by their foreign keys. */
  tables: readonly LostRows[];
  /** Last value of each sequence that was used. */
  sequences: Readonly<Record<string, string>>;
}
