import type { Node } from '../sql/ast.js';
import { addedColumn, defaultOf, identifier, ofType, read, nameOf, tableCommand } from '../sql/ast.js';
import { isSerial } from '../sql/types.js';

/** A column that the run has added to a table that was there: the running release does not know it. */
export interface NewColumn {
  notNull: boolean;
  /** A row that does not name it gets a value. */
  hasDefault: boolean;
}

/** By `table.column`, as the SQL has them. */
export type NewColumns = Map<string, NewColumn>;

/** The column that one command of ALTER TABLE speaks of. */
export const columnOf = (action: Node): string | undefined => {
  const command = tableCommand(
    action,
    'AT_ColumnDefault',
    'AT_SetNotNull',
    'AT_DropNotNull',
    'AT_DropColumn',
  );
  return command && `${command.table}.${identifier(command.cmd.name ?? '')}`;
};

/** Takes note of what a command of ALTER TABLE adds, and of what it does to what was added. */
export function followColumns(columns: NewColumns, action: Node): void {
  const added = addedColumn(action);
  if (added) columns.set(`${added.table}.${added.name}`, newColumn(added));
  followRenamed(columns, action);
  const name = columnOf(action);
  const column = name === undefined ? undefined : columns.get(name);
  if (name === undefined || !column) return;
  if (tableCommand(action, 'AT_DropColumn')) columns.delete(name);
  else columns.set(name, changed(column, action));
}

function newColumn({ column, constraints }: NonNullable<ReturnType<typeof addedColumn>>): NewColumn {
  const counts = isSerial(column.typeName) || ofType(constraints, 'CONSTR_IDENTITY') !== undefined;
  const fills = counts || ofType(constraints, 'CONSTR_GENERATED') !== undefined;
  return {
    notNull: counts || ofType(constraints, 'CONSTR_NOTNULL', 'CONSTR_PRIMARY') !== undefined,
    hasDefault: fills || defaultOf(constraints) !== undefined,
  };
}

/** The column as it is once the command has run. */
export function changed(column: NewColumn, action: Node): NewColumn {
  const value = tableCommand(action, 'AT_ColumnDefault');
  if (value) return { ...column, hasDefault: value.cmd.def !== undefined };
  return { ...column, notNull: tableCommand(action, 'AT_SetNotNull') !== undefined };
}

function followRenamed(columns: NewColumns, action: Node): void {
  const rename = read(action, 'RenameStmt');
  if (rename?.renameType !== 'OBJECT_COLUMN') return;
  const table = nameOf(rename.relation);
  const before = `${table}.${identifier(rename.subname ?? '')}`;
  const column = columns.get(before);
  if (column) columns.set(`${table}.${identifier(rename.newname ?? '')}`, column);
  columns.delete(before);
}
