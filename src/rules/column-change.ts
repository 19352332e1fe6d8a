import { columnTypeOf } from '../schema/column-type.js';
import type { ColumnType, Schema } from '../schema/model.js';
import type { ColumnDef, Node } from '../sql/ast.js';
import { identifier, read, readAll, tableCommand } from '../sql/ast.js';
import { knownColumn, type KnownColumn } from './known.js';
import { typeChange, type TypeChange } from './type-change.js';

/** What ALTER COLUMN … TYPE does to a column whose type is known. */
export interface ColumnChange extends KnownColumn {
  /** As the statement has it. */
  table: string;
  to: ColumnType;
  change: TypeChange;
  /** What is read or built anew though the rows stay as they are, in words that follow "it". */
  looks: string[];
}

/** @returns undefined where the schema does not have the column */
export function columnChangeOf(statement: Node, schema: Schema): ColumnChange | undefined {
  const changed = tableCommand(statement, 'AT_AlterColumnType');
  const definition = read(changed?.cmd.def, 'ColumnDef');
  const known = changed && knownColumn(schema, changed.table, identifier(changed.cmd.name ?? ''));
  if (!changed || !definition || !known) return undefined;
  const to = columnTypeOf(schema, definition.typeName);
  const through = castsIn(schema, definition.raw_default, known.column.name);
  const change = through ? typeChange(schema, known.column.type, to, through) : 'may lose';
  return { ...known, table: changed.table, to, change, looks: looksOf(known, to, definition) };
}

/**
 * The types of `a::text::mood`, the innermost first.
 *
 * @param column - an identifier, quoted where it needs to be
 * @returns undefined where the expression is more than casts
 */
export function castsIn(
  schema: Schema,
  expression: Node | undefined,
  column: string,
): ColumnType[] | undefined {
  if (!expression) return [];
  const cast = read(expression, 'TypeCast');
  if (cast) {
    const inner = castsIn(schema, cast.arg, column);
    return inner && [...inner, columnTypeOf(schema, cast.typeName)];
  }
  const fields = readAll(read(expression, 'ColumnRef')?.fields, 'String');
  return identifier(fields.at(-1)?.sval ?? '') === column ? [] : undefined;
}

/** An index of another kind of value, with an expression or of another order is built anew; a CHECK looks at all rows. */
function looksOf({ relation, column }: KnownColumn, to: ColumnType, definition: ColumnDef): string[] {
  const given = readAll(definition.collClause?.collname, 'String').at(-1)?.sval;
  const collation = given === undefined ? undefined : identifier(given);
  const sorts = collation !== column.collation;
  const isZoned = /^timestamp/.test(to.name) && to.name !== column.type.name;
  const has = ({ columns }: { columns: string[] }) => columns.includes(column.name);
  const built = relation.indexes
    .filter(has)
    .filter(({ keys, isPartial }) => sorts || isZoned || isPartial || keys.includes(null));
  const checked = relation.constraints.filter((each) => each.kind === 'check' && has(each));
  return [
    ...(sorts && built.length === 0 ? [`sorts its values by ${collation ?? 'the default collation'}`] : []),
    ...built.map(({ name }) => `builds the index ${name} anew`),
    ...checked.map(({ name }) => `holds all rows against ${name} again`),
  ];
}
