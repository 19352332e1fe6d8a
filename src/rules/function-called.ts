import { dotted, read } from '../sql/ast.js';
import { effectfulIn } from '../sql/functions.js';
import { defineRule } from './rule.js';
import { isQuery } from './touched.js';

export default defineRule({
  id: 'function-called',
  risk: 'very-high',
  effect: 'A function may change anything, and what it does is not to be seen in the statement.',
  blocks: 'not known',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Write the statements that the function would run, so that each can be judged.',
    sql: 'ALTER TABLE orders ADD COLUMN note text;',
    alembic: "op.add_column('orders', sa.Column('note', sa.Text()))",
  },
  on: [
    'CallStmt',
    'SelectStmt',
    'InsertStmt',
    'UpdateStmt',
    'DeleteStmt',
    'MergeStmt',
    'CreateTableAsStmt',
    'CopyStmt',
  ],
  bad: 'SELECT add_note_column();',
  good: 'SELECT count(*) FROM sessions;',
  alsoNew: true,

  check(statement) {
    const called = read(statement, 'CallStmt')?.funccall;
    const name = called ? dotted(called.funcname) : isQuery(statement) && effectfulIn(statement);
    if (!name) return;
    return { message: `this calls ${name}(), and what that does is not known`, relations: [] };
  },
});
