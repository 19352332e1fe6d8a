import { identifier, read, tableCommand } from '../sql/ast.js';
import { showType } from '../sql/types.js';
import mayLose from './column-type-may-lose-values.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'column-type-changed',
  risk: 'high',
  effect:
    'Most changes of a type write the whole table and its indexes anew. Without the old type ' +
    'there is no telling, so each counts as one.',
  blocks: 'reads and writes of the table until it is written anew',
  breaksRunning: true,
  instead: {
    says:
      'Add a column of the new type, fill it in batches, let the application write both, and ' +
      'drop the old one later.',
    sql: 'ALTER TABLE orders ADD COLUMN customer_number bigint;',
    alembic: "op.add_column('orders', sa.Column('customer_number', sa.BigInteger()))",
  },
  on: ['AT_AlterColumnType'],
  bad: 'ALTER TABLE orders ALTER COLUMN customer_id TYPE bigint;',
  good: 'ALTER TABLE orders ADD COLUMN customer_number bigint;',

  check(statement, context) {
    const changed = tableCommand(statement, 'AT_AlterColumnType');
    if (!changed || mayLose.check?.(statement, context)) return;
    const type = showType(read(changed.cmd.def, 'ColumnDef')?.typeName);
    return {
      message:
        `changing ${changed.table}.${identifier(changed.cmd.name ?? '')} to ${type} may write all ` +
        `of ${changed.table} anew while nobody can use it`,
      relations: [locked(changed.table, 'ACCESS EXCLUSIVE')],
    };
  },
});
