import { identifier, nameOf, read, readAll } from '../sql/ast.js';
import { partitioned } from './index-on-partitioned-table.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'index-built-concurrently',
  risk: 'medium',
  effect:
    'Nobody waits for it, but it waits for every transaction that is older, and leaves an ' +
    'invalid index when it is interrupted.',
  blocks: 'nobody',
  instead: {
    says:
      'This is the safe way. Look at pg_index.indisvalid afterwards, and drop what an interrupted attempt left ' +
      'before the next one.',
    sql:
      'DROP INDEX CONCURRENTLY IF EXISTS orders_customer; -- only after an interrupted attempt\n' +
      'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);',
    alembic:
      'with op.get_context().autocommit_block():\n' +
      "    op.create_index('orders_customer', 'orders', ['customer_id'], " +
      'postgresql_concurrently=True)',
  },
  on: ['IndexStmt', 'ReindexStmt'],
  bad: 'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);',
  good: 'CREATE TABLE t (id int); CREATE INDEX t_id ON t (id);',

  check(statement, { schema }) {
    const index = read(statement, 'IndexStmt');
    const again = read(statement, 'ReindexStmt');
    const rebuilt =
      again && readAll(again.params, 'DefElem').some(({ defname }) => defname === 'concurrently');
    if (!index?.concurrent && !rebuilt) return;
    const table = nameOf(index?.relation ?? again?.relation) || 'the database';
    if (index && partitioned(schema, table)) return;
    const name = index?.idxname ? identifier(index.idxname) : 'an index';
    const what = index ? `building ${name} on ${table}` : `rebuilding indexes of ${table}`;
    return {
      message: `${what} waits for every older transaction`,
      relations: index ? [locked(table, 'SHARE UPDATE EXCLUSIVE')] : [],
    };
  },
});
