import { read, readAll } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'timeout-cuts-build',
  risk: 'medium',
  effect:
    'CONCURRENTLY waits for every older transaction of the database, on any table. A timeout ends it half ' +
    'way (55P03, 57014) and leaves an invalid index, which slows writes and helps no query.',
  blocks: 'nobody',
  instead: {
    says: 'Switch the timeout off for this statement: it keeps nobody waiting.',
    sql:
      "SET lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\nSET lock_timeout = 0;\n" +
      'CREATE INDEX CONCURRENTLY orders_note ON orders (note);',
    alembic:
      'with op.get_context().autocommit_block():\n' +
      "    op.execute('SET lock_timeout = 0')\n" +
      "    op.create_index('orders_note', 'orders', ['note'], postgresql_concurrently=True)",
  },
  on: ['IndexStmt', 'DropStmt', 'ReindexStmt'],
  bad: "SET lock_timeout = '2s'; CREATE INDEX CONCURRENTLY orders_note ON orders (note);",
  good: 'SET lock_timeout = 0; CREATE INDEX CONCURRENTLY orders_note ON orders (note);',
  aboutRun: true,

  check(statement, { transaction }) {
    const again = readAll(read(statement, 'ReindexStmt')?.params, 'DefElem');
    const concurrent =
      read(statement, 'IndexStmt')?.concurrent ??
      read(statement, 'DropStmt')?.concurrent ??
      again.some(({ defname }) => defname === 'concurrently');
    const [set] = concurrent ? (transaction?.timeouts ?? []) : [];
    if (!set) return;
    return {
      message: `${set[0]} is ${set[1]} here: an older transaction that lasts longer ends this half way, with an invalid index`,
      relations: [],
    };
  },
});
