import { defineRule } from './rule.js';

export default defineRule({
  id: 'measured-stronger-lock',
  risk: 'high',
  effect:
    'On the copy of the rehearsal a statement took a stronger lock than the check had told: through a function, a ' +
    'trigger, a view, or what the check could not read.',
  blocks: 'whoever the measured lock keeps waiting, until the end of the transaction',
  instead: {
    says: 'Look at what the statement calls; let it run in a transaction of its own, with nothing long after it.',
    sql: 'ALTER TABLE orders ADD COLUMN note text;',
    alembic: "op.execute('ALTER TABLE orders ADD COLUMN note text')",
  },
  language: 'python',
  bad: "op.execute('SELECT add_note_column()')",
  good: "op.execute('ALTER TABLE orders ADD COLUMN note text')",
});
