import { defineRule } from './rule.js';

export default defineRule({
  id: 'allowance-unused',
  risk: 'low',
  effect:
    'The comment allows what the statement below or before it does not do: it may allow it to the next one.',
  blocks: 'nobody',
  instead: {
    says: 'Take the comment out, or put it above the statement that it is meant for.',
    sql: 'ALTER TABLE orders ADD COLUMN note text;',
    alembic: "op.add_column('orders', sa.Column('note', sa.Text()))",
  },
  bad:
    '-- lockkeeper: allow column-renamed because no release reads it\n' +
    'ALTER TABLE orders ADD COLUMN note text;',
  good:
    '-- lockkeeper: allow column-renamed because no release reads it\n' +
    'ALTER TABLE orders RENAME COLUMN note TO remark;',
});
