import { nameOf, read } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'rows-inserted',
  risk: 'medium',
  effect:
    'The running release sees the new rows at once, and a row that is there already makes the ' +
    'migration fail.',
  blocks: 'nobody',
  instead: {
    says: 'Let it do nothing where the row exists, and give no numbers that a sequence will give again.',
    sql: "INSERT INTO states (code) VALUES ('open') ON CONFLICT DO NOTHING;",
    alembic: 'op.execute("INSERT INTO states (code) VALUES (\'open\') ON CONFLICT DO NOTHING")',
  },
  on: ['InsertStmt'],
  bad: "INSERT INTO states (id, code) VALUES (1, 'open');",
  good: "CREATE TABLE states (code text); INSERT INTO states VALUES ('open');",

  check(statement) {
    const insert = read(statement, 'InsertStmt');
    const literal =
      insert && (read(insert.selectStmt, 'SelectStmt')?.valuesLists ?? insert.selectStmt === undefined);
    if (!literal || insert.onConflictClause?.action === 'ONCONFLICT_UPDATE') return;
    const table = nameOf(insert.relation);
    return {
      message: `adding rows to ${table}, which exists already`,
      relations: [locked(table, 'ROW EXCLUSIVE')],
    };
  },
});
