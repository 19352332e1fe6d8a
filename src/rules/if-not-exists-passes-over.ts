import { identifier, nameOf, read, tableCommand } from '../sql/ast.js';
import type { Node } from '../sql/ast.js';
import { columnTypeOf, sameType } from '../schema/column-type.js';
import type { Schema } from '../schema/model.js';
import { newKey } from '../schema/names.js';
import { fromCatalog, knownColumn } from './known.js';
import { type Hit, defineRule } from './rule.js';

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
    const name = guarded(statement);
    if (!name) return;
    if (schema.source !== 'none') return isThere(statement, schema) ? passedOver(name) : undefined;
    return {
      message: `if ${name} is there already in another shape, it stays so without an error`,
      relations: [],
    };
  },
});

/** Whether the database has it already, and not from this plan. A column of the same type is what was wanted. */
function isThere(statement: Node, schema: Schema): boolean {
  const added = tableCommand(statement, 'AT_AddColumn');
  const column = read(added?.cmd.def, 'ColumnDef');
  if (added && column) {
    const known = knownColumn(schema, added.table, identifier(column.colname ?? ''));
    return known !== undefined && !sameType(known.column.type, columnTypeOf(schema, column.typeName));
  }
  const range = read(statement, 'CreateStmt')?.relation ?? read(statement, 'CreateTableAsStmt')?.into?.rel;
  const found = schema.relations.get(newKey(schema, nameOf(range)) ?? '');
  return found !== undefined && !found.isNew;
}

const passedOver = (name: string): Hit =>
  fromCatalog({
    risk: 'medium',
    message: `${name} is there already, and stays as it is, without an error`,
    relations: [],
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
