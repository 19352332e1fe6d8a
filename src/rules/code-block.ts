import { read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'code-block',
  risk: 'very-high',
  effect: 'What the code in it does is not known before it runs.',
  blocks: 'not known',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Write the statements themselves, so that each can be judged.',
    sql: 'ALTER TABLE orders ADD COLUMN note text;',
    alembic: "op.add_column('orders', sa.Column('note', sa.Text()))",
  },
  on: ['DoStmt'],
  bad: "DO $$ BEGIN EXECUTE 'ALTER TABLE orders ADD COLUMN note text'; END $$;",
  good: 'ALTER TABLE orders ADD COLUMN note text;',

  check(statement) {
    if (!read(statement, 'DoStmt')) return;
    return { message: 'a DO block runs code that is not known before it runs', relations: [] };
  },
});
