import { addedColumn, ofType } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'column-check-scans',
  risk: 'high',
  effect: 'PostgreSQL reads the whole table to check a column that is empty.',
  blocks: 'reads and writes of the table until all of it was read',
  instead: {
    says: 'Add the column, then the check NOT VALID, and validate it in a later revision.',
    sql:
      'ALTER TABLE orders ADD COLUMN amount int;\n' +
      'ALTER TABLE orders ADD CONSTRAINT amount_positive CHECK (amount > 0) NOT VALID;',
    alembic:
      "op.add_column('orders', sa.Column('amount', sa.Integer()))\n" +
      "op.create_check_constraint('amount_positive', 'orders', 'amount > 0', " +
      'postgresql_not_valid=True)',
  },
  on: ['AT_AddColumn'],
  bad: 'ALTER TABLE orders ADD COLUMN amount int CHECK (amount > 0);',
  good: 'ALTER TABLE orders ADD COLUMN amount int;',

  check(statement) {
    const added = addedColumn(statement);
    if (!added || !ofType(added.constraints, 'CONSTR_CHECK')) return;
    return {
      message:
        `the CHECK on ${added.table}.${added.name} reads all of ${added.table} while nobody can ` + 'use it',
      relations: [locked(added.table, 'ACCESS EXCLUSIVE')],
    };
  },
});
