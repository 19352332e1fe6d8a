import { defineRule } from './rule.js';

export default defineRule({
  id: 'measured-rewrite',
  risk: 'high',
  effect:
    'On the copy of the rehearsal a statement wrote a table anew, which the check had not told: all of it is copied, ' +
    'with its indexes, while nobody can read it.',
  blocks: 'reads and writes of the table until commit',
  instead: {
    says: 'Say the change in a way that does not write the table anew, or do it with the site closed.',
    sql: 'ALTER TABLE orders ADD COLUMN total_2 bigint;',
    alembic: "op.execute('ALTER TABLE orders ADD COLUMN total_2 bigint')",
  },
  language: 'python',
  bad: "op.execute('SELECT widen_total()')",
  good: "op.execute('ALTER TABLE orders ADD COLUMN total_2 bigint')",
});
