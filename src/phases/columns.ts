import { columnUnfit, needsPrimaryKey } from '../domain/problems/phases.js';
import { addForeignKey } from './constraints.js';
import type { Scaffold } from './draft.js';
import { columnOf, keyOf, type ColumnFacts, type Facts, type TableFacts } from './facts.js';
import { columnIn, free, keyed, newIn, replaceable, tableIn, unpublished, unwritten } from './guards.js';
import { changeKeyType } from './key.js';
import { moveColumn } from './moved.js';
import { nameOf } from './names.js';
import { partColumns } from './parted.js';
import { changeType } from './retype.js';
import type { Wanted } from './wanted.js';

/** The column that an intent of one column names. */
export const first = (table: TableFacts, { columns }: Wanted): ColumnFacts =>
  columnIn(table, columns[0] ?? '');

/** Columns that are left for others, by triggers that keep both in step. */
export function left(
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

export function retype(facts: Facts, change: string, wanted: Wanted, table: TableFacts): Scaffold {
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

export function part(facts: Facts, change: string, wanted: Wanted, table: TableFacts): Scaffold {
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

export function move(facts: Facts, change: string, wanted: Wanted, table: TableFacts): Scaffold {
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

export function refer(facts: Facts, _: string, wanted: Wanted, table: TableFacts): Scaffold {
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
