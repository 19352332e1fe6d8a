import { nameOf, read, readAll } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'reindex-blocks-reads',
  risk: 'high',
  effect:
    'Writes wait for the whole build, and reads too, as planning a query looks at every index of its table.',
  blocks: 'reads and writes of the table until the index is built',
  instead: {
    says: 'Rebuild it CONCURRENTLY (PostgreSQL 12 and later), outside of a transaction.',
    sql: 'REINDEX INDEX CONCURRENTLY orders_customer;',
    alembic:
      'with op.get_context().autocommit_block():\n' +
      "    op.execute('REINDEX INDEX CONCURRENTLY orders_customer')",
  },
  on: ['ReindexStmt'],
  bad: 'REINDEX TABLE orders;',
  good: 'REINDEX TABLE CONCURRENTLY orders;',

  check(statement) {
    const again = read(statement, 'ReindexStmt');
    if (!again || readAll(again.params, 'DefElem').some(({ defname }) => defname === 'concurrently')) return;
    const name = nameOf(again.relation) || again.name || 'the database';
    const table = again.kind === 'REINDEX_OBJECT_TABLE';
    return {
      message: `rebuilding the indexes of ${name} keeps reads and writes waiting`,
      relations: again.relation ? [locked(name, table ? 'SHARE' : 'ACCESS EXCLUSIVE')] : [],
    };
  },
});
