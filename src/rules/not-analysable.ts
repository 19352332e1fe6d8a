import { defineRule } from './rule.js';

export default defineRule({
  id: 'not-analysable',
  risk: 'very-high',
  effect:
    'The revision asks the database while it runs, or cannot be rendered without one: the SQL ' +
    'that it will send is not known before.',
  blocks: 'not known',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Let the revision say its statements without asking the database, or rehearse it on a copy.',
    sql: 'ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;',
    alembic: "op.execute('ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text')",
  },
  language: 'python',
  bad:
    "if 'note' not in columns_of(op.get_bind(), 'orders'):\n" +
    "    op.add_column('orders', sa.Column('note', sa.Text()))",
  good: "op.execute('ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text')",
});
