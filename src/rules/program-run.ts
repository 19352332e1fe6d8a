import { read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'program-run',
  risk: 'very-high',
  effect: 'It runs code on the server that is no SQL, with the rights of the server itself.',
  blocks: 'not known',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Let the client read and write files and run programs.',
    sql: 'COPY (SELECT id, total FROM orders) TO STDOUT;',
    alembic: '# no revision: psql, or a job of the application',
  },
  on: ['CopyStmt', 'LoadStmt'],
  bad: "COPY orders TO PROGRAM 'gzip > /tmp/orders.gz';",
  good: 'COPY orders TO STDOUT;',
  alsoNew: true,

  check(statement) {
    const library = read(statement, 'LoadStmt')?.filename;
    if (library) return { message: `the library ${library} is loaded into the server`, relations: [] };
    const copy = read(statement, 'CopyStmt');
    return copy?.is_program ? { message: `the server runs ${copy.filename}`, relations: [] } : undefined;
  },
});
