import { identifier, read, tableCommand } from '../sql/ast.js';
import { showColumnType } from '../schema/column-type.js';
import { columnChangeOf, type ColumnChange } from './column-change.js';
import { fromCatalog, unsure } from './known.js';
import { showType } from '../sql/types.js';
import mayLose from './column-type-may-lose-values.js';
import { defineRule, type Hit, locked } from './rule.js';

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
    const known = columnChangeOf(statement, context.schema);
    if (known) return ofKnown(known);
    const type = showType(read(changed.cmd.def, 'ColumnDef')?.typeName);
    const name = `${changed.table}.${identifier(changed.cmd.name ?? '')}`;
    return {
      message: `changing ${name} to ${type} may write all of ${changed.table} anew while nobody can use it`,
      relations: [locked(changed.table, 'ACCESS EXCLUSIVE')],
      ...unsure(context.schema, `${name} is of a type now that ${type} only widens, which changes no row`),
    };
  },
});

function ofKnown({ table, column, to, change, looks }: ColumnChange): Hit | undefined {
  if (change === 'free' && looks.length === 0) return undefined;
  const what = `changing ${table}.${column.name} from ${showColumnType(column.type)} to ${showColumnType(to)}`;
  const relations = [locked(table, 'ACCESS EXCLUSIVE')];
  return fromCatalog({
    message:
      change === 'free'
        ? `${what} changes no row, but ${looks.join(' and ')} while nobody can use ${table}`
        : `${what} writes all of ${table} anew while nobody can use it`,
    relations,
  });
}
