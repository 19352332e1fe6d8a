import { read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'transaction-by-hand',
  risk: 'medium',
  effect:
    'Alembic begins and ends the transaction. A COMMIT of your own commits half of the revision, and what ' +
    'follows runs with psycopg2 and asyncpg without a transaction, with psycopg in a new one.',
  blocks: 'nobody',
  instead: {
    says: "Use Alembic's autocommit_block where something must run outside of the transaction.",
    sql: 'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);',
    alembic:
      'with op.get_context().autocommit_block():\n' +
      "    op.execute('CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id)')",
  },
  language: 'python',
  on: ['TransactionStmt'],
  bad: "op.execute('COMMIT')\nop.execute('CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id)')",
  good:
    'with op.get_context().autocommit_block():\n' +
    "    op.execute('CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id)')",
  aboutRun: true,

  check(statement, { transaction }) {
    const kind = read(statement, 'TransactionStmt')?.kind ?? '';
    if (!transaction?.managed || !/_(BEGIN|START|COMMIT|ROLLBACK)$/.test(kind)) return;
    const word = /_(BEGIN|START)$/.test(kind) ? 'BEGIN' : kind.endsWith('COMMIT') ? 'COMMIT' : 'ROLLBACK';
    return {
      message: `${word} by hand, in a transaction that is not its own: what is committed when is not sure from here`,
      relations: [],
    };
  },
});
