import type { Scaffold } from './draft.js';
import { addCheck, addForeignKey, addIndex, addUnique, makeNotNull } from './constraints.js';
import { dropColumn, dropTable } from './drops.js';
import { columnOf, keyOf, type ColumnFacts, type Facts, type TableFacts } from './facts.js';
import { columnIn, free, keyed, newIn, replaceable, tableIn, unpublished, unwritten } from './guards.js';
import { changeKeyType } from './key.js';
import { moveColumn } from './moved.js';
import { nameOf, ofChange } from './names.js';
import { partColumns } from './parted.js';
import { renameColumn } from './rename.js';
import { changeType } from './retype.js';
import { columnUnfit, needsPrimaryKey, notPlainTable } from '../domain/problems/phases.js';

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

type Write = (facts: Facts, change: string, wanted: Wanted, table: TableFacts) => Scaffold;

const first = (table: TableFacts, { columns }: Wanted): ColumnFacts => columnIn(table, columns[0] ?? '');

const writers: Readonly<Record<Intent, Write>> = {
  'rename-column': (facts, change, wanted, table) => {
    const column = left(table, wanted, [first(table, wanted)])[0] as ColumnFacts;
    return renameColumn(facts, change, { table, column, to: newIn(table, wanted.to ?? '') });
  },
  'change-type': retype,
  'split-column': part,
  'merge-columns': part,
  'move-column': move,
  'not-null': (facts, _, wanted, table) => {
    const column = first(table, wanted);
    if (column.notNull)
      throw columnUnfit(table.name, column.name, 'is NOT NULL already', 'nothing is to be done');
    const value = wanted.set[column.name];
    if (value) keyed(table);
    return makeNotNull(facts, { table, column, value });
  },
  unique: (facts, _, wanted, table) => {
    const columns = wanted.columns.map((name) => columnIn(table, name).name);
    const name = free(
      facts,
      wanted.name ?? nameOf(table.name, ...columns, 'key'),
      'a constraint or an index',
    );
    return addUnique({ table, columns, name });
  },
  'foreign-key': refer,
  check: (facts, _, { expression = '', name = '' }, table) =>
    addCheck({ table, rows: expression, name: free(facts, name, 'a constraint') }),
  'add-index': (facts, _, wanted, table) => {
    const columns = wanted.columns.map((name) => columnIn(table, name).name);
    const name = free(facts, wanted.name ?? nameOf(table.name, ...columns, 'idx'), 'an index');
    return addIndex({ table, columns, name });
  },
  'drop-column': (facts, _, wanted, table) => {
    const column = first(table, wanted);
    replaceable(table, { ...column, identity: '' });
    return dropColumn(facts, { table, column });
  },
  'drop-table': (facts, _change, _wanted, table) => {
    const others = table.referencedBy.filter((one) => one.table !== table.name);
    if (others.length)
      throw notPlainTable(
        table.name,
        `referred to by ${others.map((one) => `${one.name} of ${one.table}`).join(', ')}`,
        'drop these columns or constraints first, each as a change of its own',
      );
    const used = table.columns.find(({ users }) => users.length);
    if (used) replaceable(table, used, true);
    return dropTable(facts, { table });
  },
};

/**
 * Writes the revisions of a change.
 *
 * @throws Problem of domain/problems/phases: what it cannot be written for
 */
export function scaffold(intent: Intent, facts: Facts, change: string, wanted: Wanted): Scaffold {
  const table = tableIn(facts, wanted.table);
  free(facts, ofChange(change, table.name), 'the function of a change of this name');
  return writers[intent](facts, change, wanted, table);
}

/** Columns that are left for others, by triggers that keep both in step. */
function left(
  table: TableFacts,
  { published }: Wanted,
  columns: readonly ColumnFacts[],
): readonly ColumnFacts[] {
  for (const column of columns) replaceable(table, column);
  ready(table, columns, published);
  return columns;
}

function ready(table: TableFacts, columns: readonly ColumnFacts[], published: boolean | undefined): void {
  unwritten(
    table,
    columns.map(({ name }) => name),
  );
  unpublished(table, published);
  keyed(table);
}

function retype(facts: Facts, change: string, wanted: Wanted, table: TableFacts): Scaffold {
  const column = first(table, wanted);
  const what = {
    ...{ table, column, type: wanted.type ?? '' },
    ...{ forth: wanted.set[column.name], back: wanted.back[column.name] },
  };
  if (column.type === what.type)
    throw columnUnfit(table.name, column.name, `is ${column.type} already`, 'nothing is to be done');
  newIn(table, nameOf(column.name, 'new'));
  newIn(table, nameOf(column.name, 'old'));
  const key = keyOf(table);
  if (!key.includes(column.name)) {
    left(table, wanted, [column]);
    return changeType(facts, change, what);
  }
  replaceable(table, column, true);
  ready(table, [column], wanted.published);
  if (key.length > 1)
    throw columnUnfit(
      table.name,
      column.name,
      'is part of a primary key of several columns',
      'add a key of one column first, or do it in one step, with maintenance',
    );
  for (const { table: name, columns, name: reference } of table.referencedBy) {
    const child = tableIn(facts, name);
    const [own = ''] = columns;
    if (columns.length > 1 || keyOf(child).includes(own))
      throw columnUnfit(
        name,
        columns.join(', '),
        `refers to it by ${reference}, and is part of a key itself`,
        'do it in one step, with maintenance',
      );
    const referring = columnIn(child, own);
    replaceable(child, referring);
    ready(child, [referring], wanted.published);
  }
  return changeKeyType(facts, change, what);
}

function part(facts: Facts, change: string, wanted: Wanted, table: TableFacts): Scaffold {
  const olds = left(
    table,
    wanted,
    wanted.columns.map((name) => columnIn(table, name)),
  );
  const news = Object.entries(wanted.into).map(([name, type]) => ({ name: newIn(table, name), type }));
  const lacking = [
    ...news.map(({ name }) => name).filter((name) => !wanted.set[name]),
    ...olds.map(({ name }) => name).filter((name) => !wanted.back[name]),
  ];
  if (lacking.length)
    throw columnUnfit(
      table.name,
      lacking.join(', '),
      'has no expression',
      'give each new column a --set and each old one a --back: writers on both sides are kept in step',
    );
  return partColumns(facts, change, { table, olds, news, forth: wanted.set, back: wanted.back });
}

function move(facts: Facts, change: string, wanted: Wanted, table: TableFacts): Scaffold {
  const [column] = left(table, wanted, [first(table, wanted)]) as [ColumnFacts];
  const toTable = tableIn(facts, wanted.toTable ?? '');
  unpublished(toTable, wanted.published);
  if (column.notNull)
    throw columnUnfit(
      table.name,
      column.name,
      'is NOT NULL, and would have to be written in two places at once',
      `let it be NULL first: ALTER TABLE ${table.name} ALTER COLUMN ${column.name} DROP NOT NULL`,
    );
  const by = wanted.by.map((name) => columnIn(toTable, name).name);
  refuseUnjoined(table, toTable, by);
  const to = newIn(toTable, wanted.to ?? column.name);
  return moveColumn(facts, change, { table, column, toTable, to, by });
}

/** A row there belongs to one row here, can be made by a trigger, and goes with it. */
function refuseUnjoined(table: TableFacts, toTable: TableFacts, by: readonly string[]): void {
  const key = keyOf(table);
  const same = (columns: readonly string[]) =>
    columns.length === by.length && by.every((name) => columns.includes(name));
  const reference = table.referencedBy.find(
    (one) => one.table === toTable.name && one.columns.join() === by.join(),
  );
  if (reference?.referred.join() !== key.join() || !/ON DELETE CASCADE/.test(reference.definition))
    throw needsPrimaryKey(
      toTable.name,
      `${by.join(', ')} must refer to the primary key of ${table.name} by a foreign key ON DELETE CASCADE`,
    );
  if (!toTable.indexes.some((index) => index.unique && !index.partial && same(index.columns)))
    throw needsPrimaryKey(toTable.name, `${by.join(', ')} must be unique there`);
  const required = toTable.columns.find(
    (one) => one.notNull && one.default === null && !one.identity && !by.includes(one.name),
  );
  if (required)
    throw columnUnfit(
      toTable.name,
      required.name,
      'needs a value in each row, which a trigger cannot give',
      `give it a default: ALTER TABLE ${toTable.name} ALTER COLUMN ${required.name} SET DEFAULT …`,
    );
}

function refer(facts: Facts, _: string, wanted: Wanted, table: TableFacts): Scaffold {
  const columns = wanted.columns.map((name) => columnIn(table, name).name);
  const other = tableIn(facts, wanted.toTable ?? '');
  const referred = wanted.by.length ? wanted.by.map((name) => columnIn(other, name).name) : keyOf(other);
  const unique = other.indexes.some(
    (one) => one.unique && !one.partial && one.columns.join() === referred.join(),
  );
  if (!unique || referred.length !== columns.length)
    throw needsPrimaryKey(
      other.name,
      `${referred.join(', ') || 'it'} must be unique there, and of as many columns`,
    );
  const differing = columns.find(
    (name, at) => columnOf(table, name)?.type !== columnOf(other, referred[at] ?? '')?.type,
  );
  if (differing !== undefined)
    throw columnUnfit(
      table.name,
      differing,
      'has another type than what it refers to',
      `lockkeeper phases new change-type --table ${table.name} --column ${differing} --type …`,
    );
  const name = free(facts, wanted.name ?? nameOf(table.name, ...columns, 'fkey'), 'a constraint');
  return addForeignKey({ table, columns, other, referred, name, onDelete: wanted.onDelete });
}
