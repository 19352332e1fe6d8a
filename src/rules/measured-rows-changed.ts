import { defineRule } from './rule.js';

export default defineRule({
  id: 'measured-rows-changed',
  risk: 'very-high',
  effect:
    'On the copy of the rehearsal a statement changed or deleted rows of a table that it does not name: through a ' +
    'cascade, a trigger or a function.',
  blocks: 'writes to the same rows until commit',
  dataLoss: true,
  instead: {
    says: 'Name each table whose rows are changed, in a statement of its own, so that all can see it.',
    sql: 'DELETE FROM order_lines WHERE order_id = 1; DELETE FROM orders WHERE id = 1;',
    alembic:
      "op.execute('DELETE FROM order_lines WHERE order_id = 1')\nop.execute('DELETE FROM orders WHERE id = 1')",
  },
  language: 'python',
  bad: "op.execute('DELETE FROM orders WHERE id = 1')",
  good: "op.execute('DELETE FROM order_lines WHERE order_id = 1')\nop.execute('DELETE FROM orders WHERE id = 1')",
});
