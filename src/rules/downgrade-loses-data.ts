import { defineRule } from './rule.js';

export default defineRule({
  id: 'downgrade-loses-data',
  risk: 'medium',
  effect:
    'To undo it would lose more than what the upgrade has added: rows or values that were there before. So ' +
    'the undo is refused when it is needed, and only a restore of a backup is left.',
  blocks: 'nobody, until the downgrade runs',
  instead: {
    says: 'Let the downgrade remove what the upgrade added, and nothing else.',
    sql: 'ALTER TABLE orders DROP COLUMN note;',
    alembic: "def downgrade():\n    op.drop_column('orders', 'note')",
  },
  language: 'python',
  bad:
    "def upgrade():\n    op.create_unique_constraint('one_name', 'shops', ['name'])\n\n\n" +
    "def downgrade():\n    op.drop_constraint('one_name', 'shops')\n    op.execute('DELETE FROM shops WHERE name IS NULL')",
  good:
    "def upgrade():\n    op.create_unique_constraint('one_name', 'shops', ['name'])\n\n\n" +
    "def downgrade():\n    op.drop_constraint('one_name', 'shops')",
});
