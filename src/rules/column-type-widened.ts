import { showColumnType } from '../schema/column-type.js';
import { columnChangeOf } from './column-change.js';
import { fromCatalog } from './known.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'column-type-widened',
  risk: 'low',
  effect:
    'Only the catalog changes: the new type takes all values of the old one as they are. A session ' +
    'that has prepared a query of the column must prepare it again.',
  blocks: 'reads and writes of the table until commit',
  instead: {
    says: 'This is the safe way; commit soon.',
    sql: 'ALTER TABLE orders ALTER COLUMN note TYPE varchar(100);',
    alembic: "op.alter_column('orders', 'note', type_=sa.String(100))",
  },
  on: ['AT_AlterColumnType'],
  bad: 'ALTER TABLE orders ALTER COLUMN note TYPE varchar(100);',
  good: 'ALTER TABLE orders ADD COLUMN remark text;',
  needs: 'CREATE TABLE orders (note varchar(50));',

  check(statement, { schema }) {
    const known = columnChangeOf(statement, schema);
    if (!known || known.change !== 'free' || known.looks.length > 0) return;
    const { table, column, to } = known;
    return fromCatalog({
      message: `changing ${table}.${column.name} from ${showColumnType(column.type)} to ${showColumnType(to)} changes no row`,
      relations: [locked(table, 'ACCESS EXCLUSIVE')],
    });
  },
});
