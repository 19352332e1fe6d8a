import type { Node } from '../sql/ast.js';
import { kindOf, nameOf, read } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';
import { writtenBy } from './touched.js';

export default defineRule({
  id: 'rows-changed',
  risk: 'very-high',
  effect:
    'Values that users wrote become other values, in one transaction: it is slow on a large ' +
    'table, holds the changed rows locked, and a downgrade cannot bring back what was there.',
  blocks: 'writes to the same rows until commit',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says:
      'Change rows in batches with a commit each, outside of the release, keeping the old ' +
      'column until it is proved.',
    sql:
      "UPDATE orders SET state = 'open' WHERE id BETWEEN 1 AND 1000 AND state IS NULL; -- then " +
      'the next batch',
    alembic: '# no revision: a job of the application, in batches with a commit each',
  },
  on: ['CopyStmt', 'SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'CreateTableAsStmt'],
  bad: "UPDATE orders SET state = 'open' WHERE state IS NULL;",
  good: 'CREATE TABLE states (id int); INSERT INTO states VALUES (1);',
  alsoNew: true,

  check(statement, { newTables }) {
    const tables = changedBy(statement).filter((name) => !newTables.has(name));
    if (tables.length === 0) return;
    return {
      message: `this changes rows of ${tables.join(', ')}, which exists already`,
      relations: tables.map((name) => locked(name, 'ROW EXCLUSIVE')),
    };
  },
});

/** Plain INSERT … VALUES changes no row that was there: rows-inserted looks at it. */
function changedBy(statement: Node): string[] {
  const copy = read(statement, 'CopyStmt');
  if (copy) return copy.is_from ? [nameOf(copy.relation)] : [];
  const written = [...new Set(writtenBy(statement))];
  if (kindOf(statement) === 'InsertStmt' && written.length === 1 && onlyAddsValues(statement)) return [];
  return written;
}

function onlyAddsValues(statement: Node): boolean {
  const insert = read(statement, 'InsertStmt');
  const values = read(insert?.selectStmt, 'SelectStmt')?.valuesLists;
  const literal = values !== undefined || insert?.selectStmt === undefined;
  return literal && insert?.onConflictClause?.action !== 'ONCONFLICT_UPDATE';
}
