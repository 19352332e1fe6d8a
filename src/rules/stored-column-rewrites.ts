import { addedColumn, ofType, tableCommand } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'stored-column-rewrites',
  risk: 'high',
  effect: 'The value is computed for every row, so PostgreSQL writes the whole table and its indexes anew.',
  blocks: 'reads and writes of the table until it is written anew',
  instead: {
    says:
      'Compute it when it is read (VIRTUAL, PostgreSQL 18), or fill a plain column in batches, ' +
      'with a trigger for new rows.',
    sql: 'ALTER TABLE orders ADD COLUMN total numeric;',
    alembic: "op.add_column('orders', sa.Column('total', sa.Numeric()))",
  },
  on: ['AT_AddColumn', 'AT_SetExpression'],
  bad: 'ALTER TABLE orders ADD COLUMN total numeric GENERATED ALWAYS AS (price * amount) STORED;',
  good: 'ALTER TABLE orders ADD COLUMN total numeric GENERATED ALWAYS AS (price * amount) VIRTUAL;',

  check(statement) {
    const added = addedColumn(statement);
    const stored = added && ofType(added.constraints, 'CONSTR_GENERATED')?.generated_kind === 's';
    const table = stored ? added.table : tableCommand(statement, 'AT_SetExpression')?.table;
    if (!table) return;
    return {
      message: `computing a stored column writes all of ${table} anew while nobody can use it`,
      relations: [locked(table, 'ACCESS EXCLUSIVE')],
    };
  },
});
