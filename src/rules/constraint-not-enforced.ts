import { addedConstraint, identifier, nameOf, read, tableCommand } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'constraint-not-enforced',
  risk: 'medium',
  effect: 'PostgreSQL does not look at it: rows that do not fit can be written from now on.',
  blocks: 'writes to both tables of a foreign key, reads and writes of the table of a check, for a moment',
  instead: {
    says: 'Add it NOT VALID, which looks at new rows, and validate it in the next revision.',
    sql:
      'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID;\n' +
      '-- the next revision\n' +
      'ALTER TABLE orders VALIDATE CONSTRAINT orders_shop;',
    alembic:
      "op.create_foreign_key('orders_shop', 'orders', 'shops', ['shop_id'], ['id'], " +
      'postgresql_not_valid=True)\n' +
      '# the next revision\n' +
      "op.execute('ALTER TABLE orders VALIDATE CONSTRAINT orders_shop')",
  },
  on: ['AT_AddConstraint', 'AT_AlterConstraint'],
  bad: 'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops (id) NOT ENFORCED;',
  good: 'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID;',

  check(statement) {
    const altered = tableCommand(statement, 'AT_AlterConstraint');
    const change = read(altered?.cmd.def, 'ATAlterConstraint');
    if (altered && change?.alterEnforceability && !change.is_enforced)
      return {
        message: `nothing looks at ${identifier(change.conname ?? '')} of ${altered.table} any more`,
        relations: [locked(altered.table, 'ACCESS EXCLUSIVE')],
      };
    const added = addedConstraint(statement);
    if (!added?.constraint.skip_validation || added.constraint.is_enforced) return;
    if (added.constraint.contype === 'CONSTR_NOTNULL') return;
    const other = nameOf(added.constraint.pktable);
    return {
      message: `nothing looks at ${added.name} of ${added.table}: it only says what should be`,
      relations: other
        ? [locked(added.table, 'SHARE ROW EXCLUSIVE'), locked(other, 'SHARE ROW EXCLUSIVE')]
        : [locked(added.table, 'ACCESS EXCLUSIVE')],
    };
  },
});
