import type { LockMode } from '../domain/plan.js';

/** What a relation is to a statement, and how people call it. */
export const roles = {
  table: 'the table',
  heirs: 'its partitions and child tables',
  ready: 'its partitions that have such an index already',
  indexes: 'its indexes',
  index: 'the index',
  columnIndexes: 'indexes of the column',
  referenced: 'the table that it references',
  referencedRoot: 'the partitioned table that it references',
  referencing: 'tables that reference it',
  parent: 'the parent',
  parentIndexes: 'the indexes of the parent',
  partition: 'the partition',
  partitionIndexes: 'the indexes of the partition that belong to ones of the parent',
  default: 'the default partition',
  siblings: 'the partitions beside it',
  sequence: 'the sequence',
  sequences: 'its sequences',
  view: 'the view',
  dependants: 'what goes with it by CASCADE',
  type: 'the composite type',
  typed: 'tables of that type',
  users: 'tables with a column of that type',
  read: 'what its query reads',
  written: 'what it writes to',
  locked: 'what it names FOR UPDATE or SHARE',
  checked: 'tables whose foreign keys are checked row by row',
} as const;
export type Role = keyof typeof roles;

const modes = {
  AS: 'ACCESS SHARE',
  RS: 'ROW SHARE',
  RE: 'ROW EXCLUSIVE',
  SUE: 'SHARE UPDATE EXCLUSIVE',
  S: 'SHARE',
  SRE: 'SHARE ROW EXCLUSIVE',
  E: 'EXCLUSIVE',
  AE: 'ACCESS EXCLUSIVE',
} as const satisfies Record<string, LockMode>;
type Mode = keyof typeof modes;

/** `rewrite`: the heap and all indexes anew; `copy`: the heap alone; `rebuild`: all indexes; `build`: one; `scan`: all rows are read. */
export type Work = 'rewrite' | 'copy' | 'rebuild' | 'build' | 'scan';

/** As the table of shapes has it: `table AE`, `parent AE -11`, `heirs S build 12-17`. */
export type RowText = `${Role} ${Mode}` | `${Role} ${Mode} ${string}`;

export interface Row {
  role: Role;
  lock: LockMode;
  work?: Work;
  /** Major versions of PostgreSQL, both included. */
  from: number;
  until: number;
}

/** The versions that were measured. An older server is not supported, a newer one is taken to be like the last. */
export const majors = { first: 11, last: 18 } as const;

export interface Shape {
  /** An example, for people. */
  sql: string;
  rows: readonly Row[];
  /** Majors on which it cannot run inside of a transaction. */
  alone?: readonly [from: number, until: number];
  /** Holds its locks only while it runs. */
  brief?: true;
  /** Only while it runs, another relation's lock is stronger: said in docs. */
  note?: string;
}

/** One row of the table of shapes. */
export const shape = (
  sql: string,
  rows: readonly RowText[],
  more: Omit<Shape, 'sql' | 'rows'> = {},
): Shape => ({
  sql,
  rows: rows.map(rowOf),
  ...more,
});

const isMode = (word: string): word is Mode => word in modes;
const isRole = (word: string): word is Role => word in roles;
const works: readonly string[] = ['rewrite', 'copy', 'rebuild', 'build', 'scan'] satisfies Work[];

function rowOf(text: string): Row {
  const [role = '', mode = '', ...rest] = text.split(' ');
  const work = rest.find((word) => works.includes(word)) as Work | undefined;
  const range = rest.find((word) => word !== work);
  if (!isRole(role) || !isMode(mode) || (range !== undefined && !/^\d*-?\d*$/.test(range)))
    throw new Error(`not a row of the lock model: ${text}`);
  const [from, until] = rangeOf(range);
  return { role, lock: modes[mode], ...(work ? { work } : {}), from, until };
}

/** `12-`, `-11`, `12-14`, `18`. */
function rangeOf(text = '-'): [number, number] {
  const [from = '', until = from] = text.split('-');
  return [from === '' ? majors.first : Number(from), until === '' ? majors.last : Number(until)];
}

export const holdsOn = ({ from, until }: { from: number; until: number }, postgres: number): boolean =>
  from <= clamped(postgres) && clamped(postgres) <= until;

const clamped = (postgres: number): number => Math.min(Math.max(postgres, majors.first), majors.last);
