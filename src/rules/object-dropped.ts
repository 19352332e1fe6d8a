import { nameOfObject, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

/** Kinds that have a rule of their own, or are no more than a help to the planner. */
const elsewhere = new Set(
  `TABLE FOREIGN_TABLE VIEW MATVIEW INDEX FUNCTION PROCEDURE ROUTINE AGGREGATE TRIGGER RULE POLICY EXTENSION
  STATISTIC_EXT`.split(/\s+/),
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
    sql: 'ALTER TABLE orders DROP COLUMN state; -- a later release\nDROP TYPE order_state;',
    alembic: "op.drop_column('orders', 'state')\nop.execute('DROP TYPE order_state')",
  },
  on: ['DropStmt', 'DropdbStmt', 'DropTableSpaceStmt', 'DropOwnedStmt'],
  bad: 'DROP TYPE order_state CASCADE;',
  good: 'CREATE SEQUENCE numbers; DROP SEQUENCE numbers;',

  check(statement) {
    const database =
      read(statement, 'DropdbStmt') ??
      read(statement, 'DropTableSpaceStmt') ??
      read(statement, 'DropOwnedStmt');
    if (database)
      return { message: 'this drops a database, a tablespace or all that a role owns', relations: [] };
    const drop = read(statement, 'DropStmt');
    if (!drop || elsewhere.has((drop.removeType ?? '').replace('OBJECT_', ''))) return;
    const kind = (drop.removeType ?? '').replace('OBJECT_', '').replaceAll('_', ' ').toLowerCase();
    const names = (drop.objects ?? []).map(nameOfObject).join(', ');
    const cascade = drop.behavior === 'DROP_CASCADE' ? ', and all that depends on it, unnamed' : '';
    return { message: `dropping ${kind} ${names} removes it for good${cascade}`, relations: [] };
  },
});
