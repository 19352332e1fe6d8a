import type { Node } from '../sql/ast.js';
import { nameOf, nameOfObject, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'foreign-data-changed',
  risk: 'medium',
  effect:
    'Queries of the running release that go to another server go elsewhere, under another name, or fail.',
  blocks: 'nobody; for a foreign table reads and writes of it for a moment',
  breaksRunning: true,
  instead: {
    says: 'Make a new server or foreign table beside the old one, and move over.',
    sql: 'CREATE FOREIGN TABLE stock_2 (item bigint, amount int) SERVER warehouse;',
    alembic: "op.execute('CREATE FOREIGN TABLE stock_2 (item bigint, amount int) SERVER warehouse')",
  },
  on: [
    'AlterFdwStmt',
    'AlterForeignServerStmt',
    'AlterUserMappingStmt',
    'DropUserMappingStmt',
    'ImportForeignSchemaStmt',
    'AlterTableStmt',
    'AT_GenericOptions',
    'AT_AlterColumnGenericOptions',
    'AT_AddColumn',
    'AT_DropColumn',
    'AT_AlterColumnType',
    'AT_ColumnDefault',
    'AT_SetNotNull',
    'AT_DropNotNull',
    'AT_AddConstraint',
    'AT_DropConstraint',
    'DropStmt',
  ],
  bad: "ALTER SERVER warehouse OPTIONS (SET host 'elsewhere');",
  good: 'CREATE FOREIGN TABLE stock (item bigint, amount int) SERVER warehouse;',

  check(statement) {
    const what = changed(statement);
    return what
      ? { message: `what the running release gets through ${what} changes`, relations: [] }
      : undefined;
  },
});

function changed(statement: Node): string | undefined {
  const fdw = read(statement, 'AlterFdwStmt')?.fdwname;
  const server =
    read(statement, 'AlterForeignServerStmt')?.servername ??
    read(statement, 'AlterUserMappingStmt')?.servername ??
    read(statement, 'DropUserMappingStmt')?.servername ??
    read(statement, 'ImportForeignSchemaStmt')?.server_name;
  const drop = read(statement, 'DropStmt');
  const altered = read(statement, 'AlterTableStmt');
  if (altered?.objtype === 'OBJECT_FOREIGN_TABLE') return nameOf(altered.relation);
  if (/^OBJECT_(FDW|FOREIGN_SERVER)$/.test(drop?.removeType ?? ''))
    return (drop?.objects ?? []).map(nameOfObject).join(', ');
  return fdw ?? server;
}
