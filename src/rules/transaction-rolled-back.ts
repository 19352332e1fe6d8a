import { read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'transaction-rolled-back',
  risk: 'medium',
  effect:
    'What came before is undone, whatever Alembic notes of it, and what follows runs in another transaction or ' +
    'in none.',
  blocks: 'nobody',
  breaksRunning: true,
  instead: {
    says: 'Leave out what shall not be; for a trial use a copy of the database.',
    sql: 'ALTER TABLE orders ADD COLUMN note text;',
    alembic: "op.add_column('orders', sa.Column('note', sa.Text()))",
  },
  on: ['TransactionStmt'],
  bad: 'ALTER TABLE orders ADD COLUMN note text; ROLLBACK;',
  good: 'SAVEPOINT trial; ALTER TABLE orders ADD COLUMN note text; ROLLBACK TO SAVEPOINT trial;',
  alsoNew: true,

  check(statement) {
    if (read(statement, 'TransactionStmt')?.kind !== 'TRANS_STMT_ROLLBACK') return;
    return { message: 'ROLLBACK undoes what came before it in the transaction', relations: [] };
  },
});
