import { defineRule } from './rule.js';

export default defineRule({
  id: 'revision-edited',
  risk: 'high',
  effect:
    'The file of a revision that ran here is another one now: what the database has is not what the files ' +
    'say, a downgrade may not fit, and other databases get something else.',
  blocks: 'nobody',
  instead: {
    says: 'Bring the file back as it ran, and say what is to change in a new revision.',
    sql: '-- the change, in a new revision',
    alembic: "# a new revision\nop.add_column('orders', sa.Column('note', sa.Text()))",
  },
  language: 'python',
  bad: "# 3c9f2e1 ran last week; today a line is added to it\nop.add_column('orders', sa.Column('note', sa.Text()))",
  good: "# b41d0aa, after 3c9f2e1\nop.add_column('orders', sa.Column('note', sa.Text()))",
});
