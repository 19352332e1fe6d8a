import type { Node } from '../sql/ast.js';
import { kindOf, nameOf, read } from '../sql/ast.js';
import { onlyAddsValues } from './rows-inserted.js';
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
    says: 'Let the release write new rows right, and change old ones in batches with a commit each, outside of the release, keeping the old column until it is proved.',
    sql: "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'open'; -- new rows; a job changes the old ones",
    alembic:
      "op.alter_column('orders', 'state', server_default='open')  # new rows; a job changes the old ones",
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
  if (copy?.is_from) return [nameOf(copy.relation)];
  const written = [...new Set(writtenBy(statement))];
  if (kindOf(statement) === 'InsertStmt' && written.length === 1 && onlyAddsValues(statement)) return [];
  return written;
}
