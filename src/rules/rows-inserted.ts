import type { Node } from '../sql/ast.js';
import { nameOf, read } from '../sql/ast.js';
import { functionsIn } from '../sql/functions.js';
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
    if (!insert || !onlyAddsValues(statement)) return;
    const table = nameOf(insert.relation);
    return {
      message: `adding rows to ${table}, which exists already`,
      relations: [locked(table, 'ROW EXCLUSIVE')],
    };
  },
});

/** Whether all rows that it writes stand in it: it adds as many as are written there, and changes none. */
export function onlyAddsValues(statement: Node): boolean {
  const insert = read(statement, 'InsertStmt');
  const query = insert?.selectStmt;
  return (
    (query === undefined || isLiteral(query)) && insert?.onConflictClause?.action !== 'ONCONFLICT_UPDATE'
  );
}

/** VALUES, or a SELECT that has no table to take rows from; `WHERE NOT EXISTS (…)` only leaves some out. */
function isLiteral(query: Node): boolean {
  const select = read(query, 'SelectStmt');
  if (!select) return false;
  if (select.valuesLists) return true;
  if (select.op !== 'SETOP_NONE')
    return [select.larg, select.rarg].every((side) => side && isLiteral({ SelectStmt: side }));
  const makesRows = functionsIn(select.targetList).some((name) =>
    /^(generate_series|unnest)$|_to_table$/.test(name),
  );
  return (
    !makesRows &&
    (select.fromClause ?? []).every((from) => isLiteral(read(from, 'RangeSubselect')?.subquery ?? from))
  );
}
