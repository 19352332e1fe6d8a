import { addedConstraint } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'check-scans',
  risk: 'high',
  effect: 'PostgreSQL reads the whole table to check it; rows that do not fit make it fail.',
  blocks: 'reads and writes of the table until all of it was read',
  breaksRunning: true,
  instead: {
    says: 'Add it NOT VALID, which takes a moment, and validate it in the next revision.',
    sql:
      'ALTER TABLE orders ADD CONSTRAINT amount_positive CHECK (amount > 0) NOT VALID;\n' +
      '-- the next revision\n' +
      'ALTER TABLE orders VALIDATE CONSTRAINT amount_positive;',
    alembic:
      "op.create_check_constraint('amount_positive', 'orders', 'amount > 0', " +
      'postgresql_not_valid=True)\n' +
      '# the next revision\n' +
      "op.execute('ALTER TABLE orders VALIDATE CONSTRAINT amount_positive')",
  },
  on: ['AT_AddConstraint'],
  bad: 'ALTER TABLE orders ADD CONSTRAINT amount_positive CHECK (amount > 0);',
  good: 'ALTER TABLE orders ADD CONSTRAINT amount_positive CHECK (amount > 0) NOT VALID;',

  check(statement) {
    const added = addedConstraint(statement);
    if (added?.constraint.contype !== 'CONSTR_CHECK' || added.constraint.skip_validation) return;
    return {
      message: `checking ${added.name} reads all of ${added.table} while nobody can use it`,
      relations: [locked(added.table, 'ACCESS EXCLUSIVE')],
    };
  },
});
