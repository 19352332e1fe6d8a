import { addedColumn, defaultOf, ofType } from '../sql/ast.js';
import { isSerial } from '../sql/types.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'column-without-value',
  risk: 'high',
  effect:
    'It fails when the table has a row, and where it does not, the running release can no longer add rows.',
  blocks: 'reads and writes of the table for a moment',
  breaksRunning: true,
  instead: {
    says: 'Give it a default and keep that until the old release is gone, or let it be NULL.',
    sql: "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'open';",
    alembic: "op.add_column('orders', sa.Column('state', sa.Text(), nullable=False, server_default='open'))",
  },
  on: ['AT_AddColumn'],
  bad: 'ALTER TABLE orders ADD COLUMN state text NOT NULL;',
  good: "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'open';",

  check(statement) {
    const added = addedColumn(statement);
    if (!added || !ofType(added.constraints, 'CONSTR_NOTNULL') || defaultOf(added.constraints)) return;
    if (isSerial(added.column.typeName) || ofType(added.constraints, 'CONSTR_GENERATED', 'CONSTR_IDENTITY'))
      return;
    return {
      message:
        `${added.table}.${added.name} must have a value but gets none: this fails if ` +
        `${added.table} has rows, and breaks every INSERT that does not know it`,
      relations: [locked(added.table, 'ACCESS EXCLUSIVE')],
    };
  },
});
