import { nameOf, read } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'sequence-altered',
  risk: 'medium',
  effect:
    'Every INSERT that takes a number from the sequence waits; a restart may give numbers ' +
    'that are there already.',
  blocks: 'inserts that take a number from it, until commit',
  instead: {
    says: 'Keep it alone in its revision.',
    sql: 'ALTER SEQUENCE orders_id_seq AS bigint; -- alone in its revision',
    alembic: "op.execute('ALTER SEQUENCE orders_id_seq AS bigint')",
  },
  on: ['AlterSeqStmt'],
  bad: 'ALTER SEQUENCE orders_id_seq RESTART WITH 1;',
  good: 'CREATE SEQUENCE numbers; ALTER SEQUENCE numbers RESTART WITH 1;',

  check(statement) {
    const altered = read(statement, 'AlterSeqStmt');
    if (!altered) return;
    const name = nameOf(altered.sequence);
    return {
      message: `inserts that take a number from ${name} wait until commit`,
      relations: [locked(name, 'SHARE ROW EXCLUSIVE')],
    };
  },
});
