import type { Constraint, Node } from '../sql/ast.js';
import { addedColumn, addedConstraint, inside, nameOf, read, readAll } from '../sql/ast.js';
import { functionsIn } from '../sql/functions.js';
import { defineRule } from './rule.js';

/** Their answer changes with time, session or chance. */
const changing = new Set(
  `now transaction_timestamp statement_timestamp clock_timestamp timeofday age random gen_random_uuid
  current_setting version nextval currval lastval txid_current pg_backend_pid`.split(/\s+/),
);

export default defineRule({
  id: 'check-not-immutable',
  risk: 'medium',
  effect:
    'A row that was right when it was written is wrong later: a restore of a dump refuses it, and so does an ' +
    'UPDATE of another column.',
  blocks: 'nobody',
  breaksRunning: true,
  instead: {
    says: 'Check what does not change, and leave the rest to the application or to a trigger.',
    sql: 'CREATE TABLE bookings (id bigint PRIMARY KEY, made timestamptz, at timestamptz, CHECK (at > made));',
    alembic:
      "op.create_table(\n    'bookings',\n    sa.Column('id', sa.BigInteger(), primary_key=True),\n" +
      "    sa.Column('made', sa.DateTime(timezone=True)),\n    sa.Column('at', sa.DateTime(timezone=True)),\n" +
      "    sa.CheckConstraint('at > made'),\n)",
  },
  on: ['CreateStmt', 'AT_AddColumn', 'AT_AddConstraint'],
  bad: 'CREATE TABLE bookings (id bigint PRIMARY KEY, at timestamptz CHECK (at > now()));',
  good: "CREATE TABLE bookings (id bigint PRIMARY KEY, at timestamptz CHECK (at > '2000-01-01'));",
  alsoNew: true,

  check(statement) {
    const { table, constraints } = constraintsIn(statement);
    for (const { contype, raw_expr: condition } of constraints) {
      const called = contype === 'CONSTR_CHECK' && condition ? changingIn(condition) : undefined;
      if (called)
        return {
          message: `a CHECK of ${table} asks ${called}, whose answer changes by itself`,
          relations: [],
        };
    }
    return;
  },
});

function changingIn(condition: Node): string | undefined {
  const called = functionsIn(condition).find((name) => changing.has(name));
  if (called) return `${called}()`;
  // CURRENT_DATE and the like, CURRENT_USER.
  return inside(condition).some((node) => read(node, 'SQLValueFunction'))
    ? 'for date, time or user'
    : undefined;
}

function constraintsIn(statement: Node): { table: string; constraints: readonly Constraint[] } {
  const column = addedColumn(statement);
  if (column) return { table: column.table, constraints: column.constraints };
  const added = addedConstraint(statement);
  if (added) return { table: added.table, constraints: [added.constraint] };
  const made = read(statement, 'CreateStmt');
  const ofColumns = readAll(made?.tableElts, 'ColumnDef').flatMap(({ constraints }) => constraints ?? []);
  return {
    table: nameOf(made?.relation),
    constraints: readAll([...ofColumns, ...(made?.tableElts ?? [])], 'Constraint'),
  };
}
