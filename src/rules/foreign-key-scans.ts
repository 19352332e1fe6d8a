import { addedConstraint, nameOf, read, tableCommand } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'foreign-key-scans',
  risk: 'high',
  effect: 'Every row of the table is looked up in the other one; rows that do not fit make it fail.',
  blocks: 'writes to both tables until all of both was read',
  breaksRunning: true,
  instead: {
    says: 'Add it NOT VALID, which takes a moment, and validate it in the next revision.',
    sql:
      'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops ' +
      '(id) NOT VALID;\n' +
      '-- the next revision\n' +
      'ALTER TABLE orders VALIDATE CONSTRAINT orders_shop;',
    alembic:
      "op.create_foreign_key('orders_shop', 'orders', 'shops', ['shop_id'], ['id'], " +
      'postgresql_not_valid=True)\n' +
      '# the next revision\n' +
      "op.execute('ALTER TABLE orders VALIDATE CONSTRAINT orders_shop')",
  },
  on: ['AT_AddConstraint', 'AT_AlterConstraint'],
  bad: 'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops (id);',
  good:
    'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops ' +
    '(id) NOT VALID;',

  check(statement) {
    const altered = tableCommand(statement, 'AT_AlterConstraint');
    const change = read(altered?.cmd.def, 'ATAlterConstraint');
    if (altered && change?.alterEnforceability && change.is_enforced)
      return {
        message: `enforcing a foreign key reads all of ${altered.table} while nobody can use it`,
        relations: [locked(altered.table, 'ACCESS EXCLUSIVE')],
      };
    const added = addedConstraint(statement);
    if (added?.constraint.contype !== 'CONSTR_FOREIGN' || added.constraint.skip_validation) return;
    const other = nameOf(added.constraint.pktable);
    return {
      message:
        `checking ${added.name} reads all of ${added.table} and ${other}, and no one can write to ` +
        'either meanwhile',
      relations: [locked(added.table, 'SHARE ROW EXCLUSIVE'), locked(other, 'SHARE ROW EXCLUSIVE')],
    };
  },
});
