import { identifier, nameOf, read } from '../sql/ast.js';
import { relationNamed } from '../schema/resolve.js';
import { fromCatalog } from './known.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'invalid-index-passes-over',
  risk: 'medium',
  effect:
    'An attempt that was interrupted leaves an invalid index, which no query uses and which keeps nothing unique. ' +
    'IF NOT EXISTS finds its name and reports success.',
  blocks: 'nobody',
  breaksRunning: true,
  instead: {
    says: 'Drop what an interrupted attempt left, then build it without IF NOT EXISTS.',
    sql:
      'DROP INDEX CONCURRENTLY IF EXISTS orders_customer; -- only after an interrupted attempt\n' +
      'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);',
    alembic:
      'with op.get_context().autocommit_block():\n' +
      "    op.drop_index('orders_customer', postgresql_concurrently=True, if_exists=True)\n" +
      "    op.create_index('orders_customer', 'orders', ['customer_id'], postgresql_concurrently=True)",
  },
  on: ['IndexStmt'],
  bad: 'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer ON orders (customer_id);',
  good: 'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);',

  check(statement, { schema }) {
    const index = read(statement, 'IndexStmt');
    if (!index?.concurrent || !index.if_not_exists) return;
    const table = nameOf(index.relation);
    const name = identifier(index.idxname ?? 'index');
    const relations = [locked(table, 'SHARE UPDATE EXCLUSIVE')];
    if (schema.source === 'none')
      return { message: `an invalid ${name} on ${table} would count as done`, relations };
    const found = relationNamed(schema, table)?.indexes.find((each) => each.name === name);
    if (!found) return;
    const how = found.valid ? 'and stays as it is' : 'but invalid: it stays so, and no query uses it';
    return fromCatalog({ message: `the index ${name} is there already, ${how}`, relations });
  },
});
