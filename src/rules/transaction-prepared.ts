import { read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'transaction-prepared',
  risk: 'high',
  effect:
    'It ends the session’s part, but keeps every lock until somebody says COMMIT PREPARED, through restarts ' +
    'of the server as well, and keeps vacuum from working.',
  blocks: 'whom its locks keep out, until COMMIT PREPARED or ROLLBACK PREPARED',
  breaksRunning: true,
  instead: {
    says: 'Commit.',
    sql: 'BEGIN;\nALTER TABLE orders ADD COLUMN note text;\nCOMMIT;',
    alembic: "op.add_column('orders', sa.Column('note', sa.Text()))",
  },
  on: ['TransactionStmt'],
  bad: "BEGIN; ALTER TABLE orders ADD COLUMN note text; PREPARE TRANSACTION 'note';",
  good: 'BEGIN; ALTER TABLE orders ADD COLUMN note text; COMMIT;',
  alsoNew: true,

  check(statement) {
    const ended = read(statement, 'TransactionStmt');
    if (ended?.kind === 'TRANS_STMT_PREPARE')
      return { message: `the transaction keeps its locks under the name ${ended.gid}`, relations: [] };
    if (!/_(COMMIT|ROLLBACK)_PREPARED$/.test(ended?.kind ?? '')) return;
    return {
      risk: 'very-high',
      message: `what was prepared as ${ended?.gid} is not to be seen here`,
      relations: [],
    };
  },
});
