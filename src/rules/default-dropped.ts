import { identifier, tableCommand } from '../sql/ast.js';
import { columnOf } from './added-columns.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'default-dropped',
  risk: 'high',
  effect:
    'The running release relies on the default where it does not give a value: its INSERTs ' +
    'fail on a NOT NULL column, or leave NULL.',
  blocks: 'reads and writes of the table for a moment',
  breaksRunning: true,
  instead: {
    says: 'Keep the default in this release, and drop it in the next one, when the old release is gone.',
    sql: "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'open'; -- and no DROP DEFAULT yet",
    alembic: "op.add_column('orders', sa.Column('state', sa.Text(), nullable=False, server_default='open'))",
  },
  on: ['AT_ColumnDefault', 'AT_DropIdentity', 'AT_DropExpression'],
  bad: 'ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;',
  good: "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'open';",

  check(statement, { newColumns }) {
    const dropped = tableCommand(statement, 'AT_ColumnDefault', 'AT_DropIdentity', 'AT_DropExpression');
    // The running release does not know a new column, let alone rely on its default: see new-column-required.
    if (!dropped || dropped.cmd.def || newColumns?.has(columnOf(statement) ?? '')) return;
    return {
      // A generated column may be NULL as a rule.
      ...(dropped.cmd.subtype === 'AT_DropExpression' ? { risk: 'medium' as const } : {}),
      message:
        'INSERTs of the running release may fail without the default of ' +
        `${dropped.table}.${identifier(dropped.cmd.name ?? '')}`,
      relations: [locked(dropped.table, 'ACCESS EXCLUSIVE')],
    };
  },
});
