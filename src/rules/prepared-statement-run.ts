import { inside, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'prepared-statement-run',
  risk: 'very-high',
  effect: 'It runs what was prepared under that name, by whomever: what that is does not stand here.',
  blocks: 'not known',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Write the statement itself.',
    sql: "INSERT INTO states (code) VALUES ('open') ON CONFLICT DO NOTHING;",
    alembic: 'op.execute("INSERT INTO states (code) VALUES (\'open\') ON CONFLICT DO NOTHING")',
  },
  on: ['ExecuteStmt', 'CreateTableAsStmt'],
  bad: "EXECUTE add_state('open');",
  good: 'DEALLOCATE add_state;',
  alsoNew: true,

  check(statement) {
    for (const node of inside(statement)) {
      const name = read(node, 'ExecuteStmt')?.name;
      if (name) return { message: `this runs ${name}, which was prepared elsewhere`, relations: [] };
    }
    return;
  },
});
