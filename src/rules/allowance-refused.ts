import { defineRule } from './rule.js';

export default defineRule({
  id: 'allowance-refused',
  risk: 'low',
  effect: 'The comment allows nothing as it is written, so that what it was meant for keeps its risk.',
  blocks: 'nobody',
  instead: {
    says: 'Name rules that there are, and the reason: whoever approves the plan reads it.',
    sql:
      '-- lockkeeper: allow column-renamed because no release has read it since May\n' +
      'ALTER TABLE orders RENAME COLUMN note TO remark;',
    alembic:
      '# lockkeeper: allow column-renamed because no release has read it since May\n' +
      "op.alter_column('orders', 'note', new_column_name='remark')",
  },
  bad: '-- lockkeeper: allow column-renamed\nALTER TABLE orders RENAME COLUMN note TO remark;',
  good:
    '-- lockkeeper: allow column-renamed because no release has read it since May\n' +
    'ALTER TABLE orders RENAME COLUMN note TO remark;',
});
