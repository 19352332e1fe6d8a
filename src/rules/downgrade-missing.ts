import { defineRule } from './rule.js';

export default defineRule({
  id: 'downgrade-missing',
  risk: 'low',
  effect:
    'There is no way back: its change stays, and only a restore of a backup undoes it. It does not make the ' +
    'change itself more dangerous, but a change without a way back never runs without a person.',
  blocks: 'nobody',
  instead: {
    says: 'Write the downgrade, or say in the revision why there is none.',
    sql: 'ALTER TABLE orders DROP COLUMN note;',
    alembic: "def downgrade():\n    op.drop_column('orders', 'note')",
  },
  language: 'python',
  bad: "def upgrade():\n    op.add_column('orders', sa.Column('note', sa.Text()))\n\n\ndef downgrade():\n    pass",
  good:
    "def upgrade():\n    op.add_column('orders', sa.Column('note', sa.Text()))\n\n\n" +
    "def downgrade():\n    op.drop_column('orders', 'note')",
});
