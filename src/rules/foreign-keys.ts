import { namesOf } from '../schema/constraints.js';
import type { Relation, Schema, TableConstraint } from '../schema/model.js';
import { relationNamed } from '../schema/resolve.js';
import type { Constraint, Node } from '../sql/ast.js';
import { addedColumn, addedConstraint, identifier, nameOf, read, readAll } from '../sql/ast.js';

/** A foreign key as a statement has it. */
export interface WrittenKey {
  table: string;
  columns: string[];
  other: string;
}

/** The foreign keys that CREATE TABLE, ADD COLUMN or ADD CONSTRAINT makes. */
export function writtenKeys(statement: Node): WrittenKey[] {
  const made = read(statement, 'CreateStmt');
  if (made)
    return keysOfTable(nameOf(made.relation), [...(made.tableElts ?? []), ...(made.constraints ?? [])]);
  const column = addedColumn(statement);
  if (column) return keysIn(column.table, column.constraints, column.name);
  const added = addedConstraint(statement);
  return added ? keysIn(added.table, [added.constraint]) : [];
}

function keysOfTable(table: string, elements: readonly Node[]): WrittenKey[] {
  return [
    ...readAll(elements, 'ColumnDef').flatMap(({ colname = '', constraints }) =>
      keysIn(table, readAll(constraints, 'Constraint'), identifier(colname)),
    ),
    ...keysIn(table, readAll(elements, 'Constraint')),
  ];
}

const keysIn = (table: string, constraints: readonly Constraint[], column?: string): WrittenKey[] =>
  constraints
    .filter(({ contype }) => contype === 'CONSTR_FOREIGN')
    .map(({ fk_attrs, pktable }) => ({
      table,
      columns: column === undefined ? namesOf(fk_attrs) : [column],
      other: nameOf(pktable),
    }));

/** A foreign key that is there, with both of its tables. */
export interface KnownKey {
  constraint: TableConstraint;
  own: Relation;
  referred: Relation;
}

/** @returns undefined where it is gone, or where one of the tables is not known */
export function knownKey(schema: Schema, { table, columns, other }: WrittenKey): KnownKey | undefined {
  const [own, referred] = [relationNamed(schema, table), relationNamed(schema, other)];
  const constraint = own?.constraints.find(
    ({ kind, columns: others }) => kind === 'foreign key' && others.join() === columns.join(),
  );
  return own && referred && constraint ? { constraint, own, referred } : undefined;
}
