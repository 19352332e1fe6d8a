import { addedColumn, ofType } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'column-unique-builds-index',
  risk: 'high',
  effect: 'The index behind UNIQUE or PRIMARY KEY is built while the table is locked.',
  blocks: 'reads and writes of the table until the index is built',
  instead: {
    says: 'Add the column, build a unique index CONCURRENTLY, and make the constraint from it.',
    sql:
      'ALTER TABLE orders ADD COLUMN code text;\n' +
      'CREATE UNIQUE INDEX CONCURRENTLY orders_code ON orders (code);\n' +
      'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE USING INDEX orders_code;',
    alembic:
      "op.add_column('orders', sa.Column('code', sa.Text()))\n" +
      'with op.get_context().autocommit_block():\n' +
      "    op.create_index('orders_code', 'orders', ['code'], unique=True, " +
      'postgresql_concurrently=True)',
  },
  on: ['AT_AddColumn'],
  bad: 'ALTER TABLE orders ADD COLUMN code text UNIQUE;',
  good: 'ALTER TABLE orders ADD COLUMN code text;',

  check(statement) {
    const added = addedColumn(statement);
    if (!added || !ofType(added.constraints, 'CONSTR_UNIQUE', 'CONSTR_PRIMARY')) return;
    return {
      message: `the index for ${added.table}.${added.name} is built while nobody can use ${added.table}`,
      relations: [locked(added.table, 'ACCESS EXCLUSIVE')],
    };
  },
});
