import { nameOfObject, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

/** Kinds that have a rule of their own, or are no more than a help to the planner. */
const elsewhere = new Set(
  `TABLE FOREIGN_TABLE VIEW MATVIEW INDEX FUNCTION PROCEDURE ROUTINE AGGREGATE TRIGGER RULE POLICY EXTENSION
  STATISTIC_EXT PUBLICATION EVENT_TRIGGER FDW FOREIGN_SERVER`.split(/\s+/),
);

export default defineRule({
  id: 'object-dropped',
  risk: 'very-high',
  effect:
    'Whatever still uses it fails; with CASCADE the tables, columns and views that depend on ' +
    'it go with it, unnamed.',
  blocks: 'reads and writes of all that depends on it, until commit',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Drop what depends on it by name, in a later release than the one that stops using it.',
    sql: 'DROP TYPE order_state; -- once no column uses it',
    alembic: "op.execute('DROP TYPE order_state')  # once no column uses it",
  },
  on: ['DropStmt', 'DropdbStmt', 'DropTableSpaceStmt', 'DropOwnedStmt'],
  bad: 'DROP TYPE order_state CASCADE;',
  good: 'CREATE SEQUENCE numbers; DROP SEQUENCE numbers;',

  check(statement, { newTypes }) {
    const database =
      read(statement, 'DropdbStmt') ??
      read(statement, 'DropTableSpaceStmt') ??
      read(statement, 'DropOwnedStmt');
    if (database)
      return { message: 'this drops a database, a tablespace or all that a role owns', relations: [] };
    const drop = read(statement, 'DropStmt');
    if (!drop || elsewhere.has((drop.removeType ?? '').replace('OBJECT_', ''))) return;
    const kind = (drop.removeType ?? '').replace('OBJECT_', '').replaceAll('_', ' ').toLowerCase();
    const objects = (drop.objects ?? []).map(nameOfObject);
    if (/^(type|domain)$/.test(kind) && objects.every((name) => newTypes.has(name))) return;
    const names = objects.join(', ');
    const cascade = drop.behavior === 'DROP_CASCADE' ? ', and all that depends on it, unnamed' : '';
    // Without CASCADE PostgreSQL refuses while a table uses it; sequences and schemas hold something themselves.
    const holds = cascade !== '' || ['sequence', 'schema'].includes(kind);
    return {
      ...(holds ? {} : { risk: 'high' as const, dataLoss: false }),
      message: `dropping ${kind} ${names} removes it for good${cascade}`,
      relations: [],
    };
  },
});
