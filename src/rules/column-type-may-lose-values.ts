import { identifier, read, tableCommand } from '../sql/ast.js';
import { showType, sizesOf, typeName } from '../sql/types.js';
import { showColumnType } from '../schema/column-type.js';
import { columnChangeOf, type ColumnChange } from './column-change.js';
import { fromCatalog, unsure } from './known.js';
import { defineRule, type Hit, locked } from './rule.js';

/** Types into which PostgreSQL converts by itself, rounding or cutting without a word. */
const narrow = new Set(['int2', 'int4', 'float4', 'float8', 'date', 'time', 'timetz', 'money', 'char']);
/** Types that round to the digits in brackets. */
const rounding = new Set(['numeric', 'decimal', 'timestamp', 'timestamptz', 'interval']);

export default defineRule({
  id: 'column-type-may-lose-values',
  risk: 'very-high',
  effect:
    'Each value is converted, and what does not fit the new type is rounded, cut or refused: ' +
    'a downgrade cannot bring it back.',
  blocks: 'reads and writes of the table while it is written anew, with all its indexes',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says:
      'Add a column of the new type, fill it in batches, let the application write both, and ' +
      'drop the old one later.',
    sql: 'ALTER TABLE orders ADD COLUMN ordered_on date;',
    alembic: "op.add_column('orders', sa.Column('ordered_on', sa.Date()))",
  },
  on: ['AT_AlterColumnType'],
  bad: 'ALTER TABLE orders ALTER COLUMN ordered_at TYPE date;',
  good: 'ALTER TABLE orders ALTER COLUMN customer_id TYPE bigint;',

  check(statement, { schema }) {
    const changed = tableCommand(statement, 'AT_AlterColumnType');
    const column = read(changed?.cmd.def, 'ColumnDef');
    if (!changed || !column) return;
    const known = columnChangeOf(statement, schema);
    if (known)
      return known.change === 'may lose' ? ofKnown(known, column.raw_default !== undefined) : undefined;
    const type = typeName(column.typeName);
    const rounds = rounding.has(type) && sizesOf(column.typeName).length > 0;
    const name = `${changed.table}.${identifier(changed.cmd.name ?? '')}`;
    if (!column.raw_default && !narrow.has(type) && !rounds) return;
    const how = column.raw_default ? 'by an expression of its own' : 'which may round or cut values';
    return {
      message: `every value of ${name} is converted to ${showType(column.typeName)}, ${how}`,
      relations: [locked(changed.table, 'ACCESS EXCLUSIVE')],
      ...unsure(schema, `all values of ${name} fit into ${showType(column.typeName)}`),
    };
  },
});

function ofKnown({ table, column, to }: ColumnChange, byExpression: boolean): Hit {
  const types = `from ${showColumnType(column.type)} to ${showColumnType(to)}`;
  const how = byExpression ? 'by an expression of its own' : 'which may round, cut or refuse values';
  return fromCatalog({
    message: `every value of ${table}.${column.name} is converted ${types}, ${how}`,
    relations: [locked(table, 'ACCESS EXCLUSIVE')],
  });
}
