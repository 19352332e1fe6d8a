import { dotted, identifier, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'collation-version-accepted',
  risk: 'medium',
  effect:
    'It only ends the warning. Indexes on text keep the order of the old library: lookups miss rows, and unique ' +
    'ones let the same value in twice.',
  blocks: 'nobody',
  breaksRunning: true,
  instead: {
    says: 'Rebuild every index on text first, then accept the version.',
    sql: 'REINDEX INDEX CONCURRENTLY customers_name;',
    alembic:
      "with op.get_context().autocommit_block():\n    op.execute('REINDEX INDEX CONCURRENTLY customers_name')",
  },
  on: ['AlterCollationStmt', 'AlterDatabaseRefreshCollStmt'],
  bad: 'ALTER COLLATION german REFRESH VERSION;',
  good: 'REINDEX INDEX CONCURRENTLY customers_name;',

  check(statement) {
    const collation = read(statement, 'AlterCollationStmt');
    const database = read(statement, 'AlterDatabaseRefreshCollStmt');
    if (!collation && !database) return;
    const name = collation ? dotted(collation.collname) : identifier(database?.dbname ?? '');
    return { message: `indexes under ${name} keep their old order, and no warning says so`, relations: [] };
  },
});
