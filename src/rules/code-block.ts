import { read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'code-block',
  risk: 'very-high',
  effect:
    'What the code does is not known before it runs: it puts SQL together, or is written in another language ' +
    'than PL/pgSQL. What is written out in a block is judged like any statement.',
  blocks: 'not known',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Write the statements themselves, so that each can be judged.',
    sql: 'ALTER TABLE orders ADD COLUMN note text;',
    alembic: "op.add_column('orders', sa.Column('note', sa.Text()))",
  },
  on: ['DoStmt'],
  bad: "DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN note text', 'orders'); END $$;",
  good: 'DO $$ BEGIN ALTER TABLE orders ADD COLUMN note text; END $$;',

  check(statement) {
    if (!read(statement, 'DoStmt')) return;
    return { message: 'this runs code in a language that is not read here', relations: [] };
  },
});
