import { defineRule } from './rule.js';

export default defineRule({
  id: 'unknown-statement',
  risk: 'very-high',
  effect: 'No rule knows this kind of statement, and what is unknown counts as dangerous.',
  blocks: 'not known',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Rehearse it on a copy of the database, or write it in a way that a rule knows.',
    sql: "SET lock_timeout = '1s';",
    alembic: 'op.execute("SET lock_timeout = \'1s\'")',
  },
  bad: 'SET zero_damaged_pages = on;',
  good: "SET lock_timeout = '1s';",
});
