import { defineRule } from './rule.js';

export default defineRule({
  id: 'measured-values-lost',
  risk: 'very-high',
  effect:
    'On the copy of the rehearsal values were others after going forward and back: what they were, neither the new ' +
    'column nor the downgrade knows. Only the backup does.',
  blocks: 'nobody',
  dataLoss: true,
  instead: {
    says: 'Keep the old column until nobody needs it, or correct the rows that do not fit first.',
    sql: 'ALTER TABLE orders ADD COLUMN code_2 varchar(8);',
    alembic: "op.add_column('orders', sa.Column('code_2', sa.String(8)))",
  },
  language: 'python',
  bad: "op.execute('ALTER TABLE orders ALTER COLUMN code TYPE varchar(8) USING left(code, 8)')",
  good: "op.add_column('orders', sa.Column('code_2', sa.String(8)))",
});
