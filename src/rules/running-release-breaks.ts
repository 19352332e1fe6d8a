import { defineRule } from './rule.js';

export default defineRule({
  id: 'running-release-breaks',
  risk: 'high',
  breaksRunning: true,
  effect:
    'On the copy of the rehearsal the release that runs now did not do on the new schema what it does on the old one: ' +
    'from the migration until the next release is deployed, its users get errors.',
  blocks: 'nobody by a lock; whoever uses what fails',
  instead: {
    says: 'Do it in two releases: first one that works on both schemas, then the change that the old one could not bear.',
    sql: 'ALTER TABLE orders ADD COLUMN total_cents bigint;',
    alembic: "op.add_column('orders', sa.Column('total_cents', sa.BigInteger()))",
  },
  language: 'python',
  bad: "op.alter_column('orders', 'total', new_column_name='total_cents')",
  good: "op.add_column('orders', sa.Column('total_cents', sa.BigInteger()))",
});
