import { addedConstraint, ofType } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'unique-builds-index',
  risk: 'high',
  effect:
    'The index behind the constraint is built while the table is locked; rows that are there ' +
    'twice make it fail.',
  blocks: 'reads and writes of the table until the index is built',
  breaksRunning: true,
  instead: {
    says: 'Build a unique index CONCURRENTLY, then make the constraint from it, which takes a moment.',
    sql:
      'CREATE UNIQUE INDEX CONCURRENTLY orders_code ON orders (code);\n' +
      'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE USING INDEX orders_code;',
    alembic:
      'with op.get_context().autocommit_block():\n' +
      "    op.create_index('orders_code', 'orders', ['code'], unique=True, " +
      'postgresql_concurrently=True)\n' +
      "op.execute('ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE USING INDEX " +
      "orders_code')",
  },
  on: ['AT_AddConstraint'],
  bad: 'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE (code);',
  good: 'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE USING INDEX orders_code;',

  check(statement) {
    const added = addedConstraint(statement);
    if (!added || added.constraint.indexname) return;
    if (!ofType([added.constraint], 'CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_EXCLUSION')) return;
    return {
      message: `the index for ${added.name} is built while nobody can use ${added.table}`,
      relations: [locked(added.table, 'ACCESS EXCLUSIVE')],
    };
  },
});
