import { identifier, nameOf, read } from '../sql/ast.js';
import { partitioned } from './index-on-partitioned-table.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'index-blocks-writes',
  risk: 'medium',
  effect: 'Every write to the table waits until the index is built, which takes minutes on a large table.',
  blocks: 'writes to the table until the index is built',
  instead: {
    says: 'Build it CONCURRENTLY, in a revision of its own: it cannot run inside a transaction.',
    sql: 'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);',
    alembic:
      'with op.get_context().autocommit_block():\n' +
      "    op.create_index('orders_customer', 'orders', ['customer_id'], " +
      'postgresql_concurrently=True)',
  },
  on: ['IndexStmt'],
  bad: 'CREATE INDEX orders_customer ON orders (customer_id);',
  good: 'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);',

  check(statement, { schema }) {
    const index = read(statement, 'IndexStmt');
    if (!index || index.concurrent) return;
    const table = nameOf(index.relation);
    if (partitioned(schema, table)) return;
    const name = index.idxname ? identifier(index.idxname) : 'an index';
    return { message: `building ${name} blocks writes to ${table}`, relations: [locked(table, 'SHARE')] };
  },
});
