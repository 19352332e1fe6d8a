import { dotted, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'enum-changed',
  risk: 'medium',
  effect:
    'A value of an enum can never be removed again, cannot be used in the transaction that ' +
    'adds it, and the running release may fail where it reads one it does not know.',
  blocks: 'nobody',
  breaksRunning: true,
  instead: {
    says: 'Release code that can read the new value first; never rename one, but add another.',
    sql: "ALTER TYPE order_state ADD VALUE IF NOT EXISTS 'returned';",
    alembic:
      'with op.get_context().autocommit_block():\n' +
      '    op.execute("ALTER TYPE order_state ADD VALUE IF NOT EXISTS \'returned\'")',
  },
  on: ['AlterEnumStmt'],
  bad: "ALTER TYPE order_state RENAME VALUE 'sent' TO 'shipped';",
  good: "CREATE TYPE order_state AS ENUM ('open', 'sent');",

  check(statement) {
    const changed = read(statement, 'AlterEnumStmt');
    if (!changed) return;
    const type = dotted(changed.typeName);
    const { oldVal, newVal } = changed;
    if (oldVal === undefined)
      return {
        risk: 'low',
        breaksRunning: false,
        message: `the running release may not know '${newVal}' of ${type} when somebody writes it`,
        relations: [],
      };
    return {
      risk: 'high',
      message: `the running release does not know '${oldVal}' of ${type} as '${newVal}'`,
      relations: [],
    };
  },
});
