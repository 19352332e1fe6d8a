/** What somebody wants of a change. Names as SQL has them. */
export interface Wanted {
  table: string;
  columns: readonly string[];
  /** New name of the column. */
  to?: string | undefined;
  type?: string | undefined;
  /** New columns with their types. */
  into: Readonly<Record<string, string>>;
  /** Column → expression of the old side. */
  set: Readonly<Record<string, string>>;
  /** Column → expression of the new side. */
  back: Readonly<Record<string, string>>;
  toTable?: string | undefined;
  by: readonly string[];
  expression?: string | undefined;
  name?: string | undefined;
  onDelete?: string | undefined;
  /** Subscribers have the new columns. */
  published?: boolean | undefined;
}

export const intents = [
  'rename-column',
  'change-type',
  'split-column',
  'merge-columns',
  'move-column',
  'not-null',
  'unique',
  'foreign-key',
  'check',
  'add-index',
  'drop-column',
  'drop-table',
] as const;
export type Intent = (typeof intents)[number];

/** Without what an intent cannot be written; as flags of the command. */
export const needed: Readonly<Record<Intent, readonly (keyof Wanted)[]>> = {
  'rename-column': ['columns', 'to'],
  'change-type': ['columns', 'type'],
  'split-column': ['columns', 'into', 'set', 'back'],
  'merge-columns': ['columns', 'into', 'set', 'back'],
  'move-column': ['columns', 'toTable', 'by'],
  'not-null': ['columns'],
  unique: ['columns'],
  'foreign-key': ['columns', 'toTable'],
  check: ['expression', 'name'],
  'add-index': ['columns'],
  'drop-column': ['columns'],
  'drop-table': [],
};
