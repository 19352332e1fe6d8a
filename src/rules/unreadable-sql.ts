import { defineRule } from './rule.js';

export default defineRule({
  id: 'unreadable-sql',
  risk: 'very-high',
  effect: 'What cannot be read cannot be judged, and so counts as dangerous.',
  blocks: 'not known',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Mend the SQL so that PostgreSQL can read it; commands of psql have no place in a migration.',
    sql: 'ALTER TABLE orders ADD COLUMN note text;',
    alembic: "op.add_column('orders', sa.Column('note', sa.Text()))",
  },
  bad: 'ALTER TABEL orders ADD COLUMN note text;',
  good: 'ALTER TABLE orders ADD COLUMN note text;',
});
