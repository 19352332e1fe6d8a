import type { Retyped } from '../domain/retyped.js';
import { localOf } from '../domain/sql-name.js';
import { castsIn } from '../rules/column-change.js';
import { columnTypeOf, sameType } from '../schema/column-type.js';
import { emptySchema } from '../schema/empty.js';
import type { Node } from '../sql/ast.js';
import { identifier, nameOf, read, tableCommand } from '../sql/ast.js';

/** Types of which a query may tell whether values fit. */
const ASKED: ReadonlySet<string> = new Set(
  'int2 int4 int8 numeric text varchar timestamp timestamptz date'.split(' '),
);

/** @returns what changes the type of a column, if the values go as they are; undefined for whatever computes others */
export function retypedBy(action: Node): Retyped | undefined {
  const changed = tableCommand(action, 'AT_AlterColumnType');
  const definition = read(changed?.cmd.def, 'ColumnDef');
  const column = changed?.cmd.name;
  if (!changed || !definition || column === undefined) return undefined;
  const schema = emptySchema();
  const to = columnTypeOf(schema, definition.typeName);
  const casts = castsIn(schema, definition.raw_default, identifier(column));
  if (to.isArray || !ASKED.has(to.name) || !casts?.every((cast) => sameType(cast, to))) return undefined;
  return { table: changed.table, column, to: { name: to.name, sizes: to.sizes } };
}

/** @returns local names of tables in which a name means something else afterwards */
export function renamedBy(action: Node): string[] {
  const rename = read(action, 'RenameStmt');
  if (rename?.renameType === 'OBJECT_COLUMN') return [localOf(nameOf(rename.relation))];
  return rename?.renameType === 'OBJECT_TABLE' ? [identifier(rename.newname ?? '')] : [];
}

/** Whether another column may have borne the name before, or one with other values: what is there now says nothing of it. */
export const isKnownBefore = (
  { table, column }: Retyped,
  { retyped, renamed }: { retyped: readonly Retyped[]; renamed: readonly string[] },
): boolean =>
  renamed.includes(localOf(table)) ||
  retyped.some((each) => each.column === column && localOf(each.table) === localOf(table));
