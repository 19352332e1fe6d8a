import { addedColumn, defaultOf } from '../sql/ast.js';
import { volatileCall } from '../schema/volatile-call.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'column-default-rewrites',
  risk: 'high',
  effect:
    'A default that differs from row to row makes PostgreSQL write the whole table and its indexes anew.',
  blocks: 'reads and writes of the table until it is written anew',
  instead: {
    says: 'Add the column without a default, set the default for new rows, and fill old rows in batches.',
    sql:
      'ALTER TABLE orders ADD COLUMN token uuid;\n' +
      'ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();',
    alembic:
      "op.add_column('orders', sa.Column('token', sa.Uuid()))\n" +
      "op.alter_column('orders', 'token', server_default=sa.func.gen_random_uuid())",
  },
  on: ['AT_AddColumn'],
  bad: 'ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();',
  good: 'ALTER TABLE orders ADD COLUMN ordered_at timestamptz NOT NULL DEFAULT now();',

  check(statement, { postgres, schema }) {
    const added = addedColumn(statement);
    const value = added && defaultOf(added.constraints);
    const old = postgres !== undefined && postgres < 11;
    const called = volatileCall(value, schema);
    if (!added || !value || !(called ?? old)) return;
    const why = called ? `calls ${called}() for every row` : 'is written into every row before PostgreSQL 11';
    return {
      message:
        `the default of ${added.table}.${added.name} ${why}: all of ${added.table} is written ` +
        'anew while nobody can use it',
      relations: [locked(added.table, 'ACCESS EXCLUSIVE')],
    };
  },
});
