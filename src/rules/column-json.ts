import type { ColumnDef, Node } from '../sql/ast.js';
import { addedColumn, identifier, nameOf, read, readAll } from '../sql/ast.js';
import { typeName } from '../sql/types.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'column-json',
  risk: 'low',
  effect:
    'The type json has no equality: DISTINCT, GROUP BY and UNION over the table fail, those of an ORM as well.',
  blocks: 'nobody',
  instead: {
    says: 'Use jsonb.',
    sql: 'ALTER TABLE orders ADD COLUMN data jsonb;',
    alembic:
      "from sqlalchemy.dialects.postgresql import JSONB\n\nop.add_column('orders', sa.Column('data', JSONB()))",
  },
  on: ['AT_AddColumn', 'CreateStmt'],
  bad: 'ALTER TABLE orders ADD COLUMN data json;',
  good: 'ALTER TABLE orders ADD COLUMN data jsonb;',
  alsoNew: true,

  check(statement) {
    const { table, columns } = columnsIn(statement);
    const json = columns.filter(({ typeName: type }) => isJson(type));
    if (json.length === 0) return;
    const names = json.map(({ colname = '' }) => `${table}.${identifier(colname)}`).join(', ');
    return { message: `${names}: values of the type json cannot be compared`, relations: [] };
  },
});

function columnsIn(statement: Node): { table: string; columns: readonly ColumnDef[] } {
  const added = addedColumn(statement);
  if (added) return { table: added.table, columns: [added.column] };
  const made = read(statement, 'CreateStmt');
  return { table: nameOf(made?.relation), columns: readAll(made?.tableElts, 'ColumnDef') };
}

/** The last part of the name is looked at first: spelling the whole takes longer, for every column there is. */
const isJson = (type: ColumnDef['typeName']): boolean =>
  read(type?.names?.at(-1), 'String')?.sval === 'json' &&
  typeName(type) === 'json' &&
  !type?.arrayBounds?.length;
