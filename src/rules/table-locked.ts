import { lockModes } from '../domain/plan.js';
import { nameOf, read, readAll } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'table-locked',
  risk: 'high',
  effect: 'The lock is held until the transaction ends, however long what follows takes.',
  blocks: 'whom the lock keeps out, until commit',
  instead: {
    says: 'Leave the locking to the statement that needs it.',
    sql: "SET lock_timeout = '1s';",
    alembic: '# nothing: each statement takes the lock that it needs',
  },
  on: ['LockStmt'],
  bad: 'LOCK TABLE orders;',
  good: "SET lock_timeout = '1s';",

  check(statement) {
    const lock = read(statement, 'LockStmt');
    if (!lock) return;
    const tables = readAll(lock.relations, 'RangeVar').map(nameOf);
    // The parser numbers the modes from 1, in the order of PostgreSQL's manual.
    const mode = lockModes[(lock.mode ?? 8) - 1] ?? 'ACCESS EXCLUSIVE';
    const gentle = locked('', mode).blocks === 'nothing';
    return {
      ...(gentle ? { risk: 'low' as const } : {}),
      message: `locking ${tables.join(', ')} keeps others waiting until the transaction ends`,
      relations: tables.map((name) => locked(name, mode)),
    };
  },
});
