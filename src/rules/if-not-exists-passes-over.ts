import { identifier, nameOf, read, tableCommand } from '../sql/ast.js';
import type { Node } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'if-not-exists-passes-over',
  risk: 'low',
  effect:
    'Where something of that name is there already, PostgreSQL does nothing and says so in a notice only, ' +
    'whatever its columns are.',
  blocks: 'nobody',
  instead: {
    says: 'Leave IF NOT EXISTS out, so that a difference is an error and not a surprise.',
    sql: 'CREATE TABLE coupons (id bigint PRIMARY KEY);',
    alembic: "op.create_table('coupons', sa.Column('id', sa.BigInteger(), primary_key=True))",
  },
  on: ['CreateStmt', 'CreateTableAsStmt', 'AT_AddColumn'],
  bad: 'CREATE TABLE IF NOT EXISTS coupons (id bigint PRIMARY KEY);',
  good: 'CREATE TABLE coupons (id bigint PRIMARY KEY);',

  check(statement, { schema }) {
    // A database that is known says for certain whether it is there.
    if (schema.source !== 'none') return;
    const name = guarded(statement);
    if (!name) return;
    return {
      message: `if ${name} is there already in another shape, it stays so without an error`,
      relations: [],
    };
  },
});

/** What is only made where it is not there. An index has a finding already. */
function guarded(statement: Node): string | undefined {
  const made = read(statement, 'CreateStmt');
  if (made?.if_not_exists) return nameOf(made.relation);
  const copy = read(statement, 'CreateTableAsStmt');
  if (copy?.if_not_exists) return nameOf(copy.into?.rel);
  const added = tableCommand(statement, 'AT_AddColumn');
  const column = read(added?.cmd.def, 'ColumnDef')?.colname;
  return added?.cmd.missing_ok && column ? `${added.table}.${identifier(column)}` : undefined;
}
