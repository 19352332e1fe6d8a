import type { Node } from '../sql/ast.js';
import { inside, nameOf, read, readAll } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'rows-locked',
  risk: 'medium',
  effect: 'Each row found is locked until the transaction ends, and each lock is written to the table.',
  blocks: 'writes to those rows until commit',
  instead: {
    says: 'Read without FOR UPDATE; what changes rows locks them by itself.',
    sql: "SELECT id FROM orders WHERE state = 'open';",
    alembic: 'op.execute("SELECT id FROM orders WHERE state = \'open\'")',
  },
  on: ['SelectStmt'],
  bad: "SELECT id FROM orders WHERE state = 'open' FOR UPDATE;",
  good: "SELECT id FROM orders WHERE state = 'open';",

  check(statement, { newTables }) {
    const tables = lockingIn(statement).filter((name) => !newTables.has(name));
    if (tables.length === 0) return;
    return {
      message: `rows of ${tables.join(', ')} are locked until the transaction ends`,
      relations: tables.map((name) => ({ ...locked(name, 'ROW SHARE'), blocks: 'writes' as const })),
    };
  },
});

/** The tables of every query inside that locks rows; those that OF names, else all of its FROM. */
function lockingIn(statement: Node): string[] {
  const names = [...inside(statement)].flatMap((node) => {
    const select = read(node, 'SelectStmt');
    const clauses = readAll(select?.lockingClause, 'LockingClause');
    if (!select || clauses.length === 0) return [];
    const all = [...inside(select.fromClause)].flatMap((part) => read(part, 'RangeVar') ?? []);
    const meant = clauses.flatMap(({ lockedRels }) =>
      readAll(lockedRels, 'RangeVar').map(({ relname }) => relname),
    );
    return all
      .filter(({ relname, alias }) => meant.length === 0 || meant.includes(alias?.aliasname ?? relname))
      .map(nameOf);
  });
  return [...new Set(names)];
}
