import { identifier, tableCommand } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'not-null-dropped',
  risk: 'medium',
  effect:
    'The running release may meet NULL where it never did. Once there is one, going back ' +
    'needs a value for it.',
  blocks: 'reads and writes of the table for a moment',
  breaksRunning: true,
  instead: {
    says: 'Release code that can read NULL first.',
    sql: 'ALTER TABLE orders ALTER COLUMN state DROP NOT NULL; -- a release later',
    alembic: "op.alter_column('orders', 'state', nullable=True)  # a release later",
  },
  on: ['AT_DropNotNull'],
  bad: 'ALTER TABLE orders ALTER COLUMN state DROP NOT NULL;',
  good: 'ALTER TABLE orders ADD COLUMN state text;',

  check(statement) {
    const dropped = tableCommand(statement, 'AT_DropNotNull');
    if (!dropped) return;
    return {
      message: `the running release may meet NULL in ${dropped.table}.${identifier(dropped.cmd.name ?? '')}`,
      relations: [locked(dropped.table, 'ACCESS EXCLUSIVE')],
    };
  },
});
