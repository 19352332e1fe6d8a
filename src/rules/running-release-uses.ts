import { defineRule } from './rule.js';

export default defineRule({
  id: 'running-release-uses',
  risk: 'medium',
  effect:
    'The files of the running release speak of what this takes away or forbids: from the moment that it is ' +
    'done until the new release runs, requests may fail, and an undo of the deploy brings back a release ' +
    'that does not fit.',
  blocks: 'nobody; what fails is the running release',
  breaksRunning: true,
  instead: {
    says: 'First release an application that no longer uses it, and take it away in the release after that.',
    sql: '-- in the release after the one that no longer reads it\nALTER TABLE orders DROP COLUMN note;',
    alembic: "# in the release after the one that no longer reads it\nop.drop_column('orders', 'note')",
  },
  language: 'python',
  bad: "op.drop_column('orders', 'note')  # and models.py of the running release has Order.note",
  good: "op.drop_column('orders', 'note')  # and no file of the running release speaks of it",
});
