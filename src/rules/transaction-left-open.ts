import { defineRule } from './rule.js';

export default defineRule({
  id: 'transaction-left-open',
  risk: 'high',
  effect: 'Nothing ends the transaction: its locks are held until the session ends, and then it rolls back.',
  blocks: 'reads and writes of what it has locked, until the session ends',
  instead: {
    says: 'End what BEGIN begins, or leave BEGIN out.',
    sql: 'BEGIN; ALTER TABLE orders ADD COLUMN note text; COMMIT;',
    alembic: "op.add_column('orders', sa.Column('note', sa.Text()))",
  },
  bad: 'BEGIN; ALTER TABLE orders ADD COLUMN note text;',
  good: 'BEGIN; ALTER TABLE orders ADD COLUMN note text; COMMIT;',
});
