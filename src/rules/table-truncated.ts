import { nameOf, read, readAll } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'table-truncated',
  risk: 'very-high',
  effect: 'All rows are gone at once; with CASCADE those of every table that refers to it as well.',
  blocks: 'reads and writes of the table until commit',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Let a job of the application delete in batches what is certainly not needed, and count that before.',
    sql: "SELECT count(*) FROM sessions WHERE ended < now() - interval '90 days';",
    alembic: '# no revision: a job of the application, in batches with a commit each',
  },
  on: ['TruncateStmt'],
  bad: 'TRUNCATE sessions;',
  good: 'CREATE TABLE scratch (id int); TRUNCATE scratch;',

  check(statement) {
    const truncate = read(statement, 'TruncateStmt');
    if (!truncate) return;
    const tables = readAll(truncate.relations, 'RangeVar').map(nameOf);
    const cascade = truncate.behavior === 'DROP_CASCADE' ? ' and of every table that refers to it' : '';
    return {
      message: `truncating ${tables.join(', ')} removes all rows of it${cascade}`,
      relations: tables.map((name) => locked(name, 'ACCESS EXCLUSIVE')),
    };
  },
});
