import { near } from '../domain/near.js';
import {
  columnExists,
  columnIsUsed,
  columnUnfit,
  nameIsTaken,
  needsPrimaryKey,
  noSuchColumn,
  noSuchTable,
  notPlainTable,
  tablePublished,
} from '../domain/problems/phases.js';
import { literally } from '../domain/pattern.js';
import { columnOf, keyOf, type ColumnFacts, type Facts, type TableFacts } from './facts.js';

const KINDS: Readonly<Record<Exclude<TableFacts['kind'], 'table'>, readonly [is: string, instead: string]>> =
  {
    partitioned: [
      'partitioned',
      'write it by hand: the column on the parent, indexes ON ONLY the parent and CONCURRENTLY on each partition, then ATTACH',
    ],
    partition: [
      'a partition',
      'name the partitioned table, and write it by hand: partitions share its columns',
    ],
    parent: [
      'inherited from',
      'write it by hand: children get its columns, and have rows and triggers of their own',
    ],
    child: ['a child by inheritance', 'write it by hand, beginning with the table that it inherits from'],
    other: ['no table, but a view or the like', 'name the table behind it'],
  };

/** @throws Problem `no-such-table`, `not-a-plain-table` */
export function tableIn({ tables }: Facts, name: string): TableFacts {
  const table = tables.get(name);
  if (!table) throw noSuchTable(name);
  if (table.kind !== 'table') throw notPlainTable(table.name, ...KINDS[table.kind]);
  return table;
}

/** @throws Problem `no-such-column` */
export function columnIn(table: TableFacts, name: string): ColumnFacts {
  const column = columnOf(table, name);
  if (column) return column;
  throw noSuchColumn(
    table.name,
    name,
    near(
      name,
      table.columns.map((each) => each.name),
    ),
  );
}

/** @throws Problem `column-exists` */
export function newIn(table: TableFacts, name: string): string {
  if (columnOf(table, name)) throw columnExists(table.name, name);
  return name;
}

/** A batch walks by the primary key. @throws Problem `primary-key-needed` */
export function keyed(table: TableFacts): void {
  if (keyOf(table).length === 0)
    throw needsPrimaryKey(table.name, 'there is none, and the backfill walks by it');
}

/** @throws Problem `name-taken` */
export function free({ taken }: Facts, name: string, by: string): string {
  if (taken.has(name)) throw nameIsTaken(name, by);
  return name;
}

/** Subscribers have their own columns. @throws Problem `table-published` */
export function unpublished({ name, publications }: TableFacts, told: boolean | undefined): void {
  if (publications.length && !told) throw tablePublished(name, publications);
}

/**
 * Whether a column can be left for another one, or dropped.
 *
 * @param asKey - other tables' references are taken along
 * @throws Problem `column-is-used`, `column-does-not-fit`
 */
export function replaceable(table: TableFacts, column: ColumnFacts, asKey = false): void {
  const { name, users } = column;
  const at = `${table.name}.${name}`;
  if (column.generated)
    throw columnUnfit(
      table.name,
      name,
      'is generated',
      'add a generated column of the new kind beside it, deploy, then drop this one',
    );
  if (users.length)
    throw columnIsUsed(
      table.name,
      name,
      users,
      `make these read something else than ${at} first, in a revision of their own: what PostgreSQL binds to a column would go on with the old one`,
    );
  const has = ({ columns }: { columns: readonly string[] }) => columns.includes(name);
  const exclude = table.constraints.find((one) => one.kind === 'exclude' && has(one));
  if (exclude)
    throw columnUnfit(
      table.name,
      name,
      `is in the exclusion constraint ${exclude.name}, which can only be built while nobody writes`,
      'do it in one step, with maintenance',
    );
  if (!asKey) unreferred(table, column);
}

/** Neither a key, nor what others refer to. @throws Problem `column-is-used`, `column-does-not-fit` */
function unreferred(table: TableFacts, { name, identity }: ColumnFacts): void {
  if (keyOf(table).includes(name))
    throw columnUnfit(
      table.name,
      name,
      'is part of the primary key',
      'keep its name in the database, and rename it in the application\'s model alone: mapped_column("old_name")',
    );
  const references = table.referencedBy.filter(({ referred }) => referred.includes(name));
  if (references.length)
    throw columnIsUsed(
      table.name,
      name,
      references.map((one) => `the foreign key ${one.name} of ${one.table}`),
      'let these refer to the primary key first',
    );
  if (identity)
    throw columnUnfit(
      table.name,
      name,
      'is an identity column',
      `make it a plain one with a default first: ALTER TABLE ${table.name} ALTER COLUMN ${name} DROP IDENTITY`,
    );
}

/** Two triggers that write one column would not agree. @throws Problem `column-is-used` */
export function unwritten(table: TableFacts, columns: readonly string[]): void {
  for (const column of columns) {
    const writes = new RegExp(`\\bNEW\\.${literally(column)}\\s*:?=(?!=)`, 'i');
    const writers = table.triggers
      .filter(({ body }) => writes.test(body))
      .map(({ name }) => `the trigger ${name}`);
    if (writers.length)
      throw columnIsUsed(
        table.name,
        column,
        writers,
        'let the application write it, or give the trigger both columns to write, and write the rest by hand',
      );
  }
}
