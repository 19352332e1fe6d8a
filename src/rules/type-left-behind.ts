import { defineRule } from './rule.js';

export default defineRule({
  id: 'type-left-behind',
  risk: 'medium',
  effect:
    'Alembic makes the type with the table, and drops it with nothing: after a downgrade it is still there, ' +
    'and the next upgrade fails on it (42710).',
  blocks: 'nobody',
  instead: {
    says: 'Drop the type at the end of the downgrade.',
    sql: 'DROP TABLE orders;\nDROP TYPE order_state;',
    alembic: "def downgrade():\n    op.drop_table('orders')\n    op.execute('DROP TYPE order_state')",
  },
  language: 'python',
  bad:
    "def upgrade():\n    op.create_table('orders', sa.Column('state', sa.Enum('open', name='order_state')))\n\n\n" +
    "def downgrade():\n    op.drop_table('orders')",
  good:
    "def upgrade():\n    op.create_table('orders', sa.Column('state', sa.Enum('open', name='order_state')))\n\n\n" +
    "def downgrade():\n    op.drop_table('orders')\n    op.execute('DROP TYPE order_state')",
});
