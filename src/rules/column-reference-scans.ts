import { addedColumn, defaultOf, nameOf, ofType } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'column-reference-scans',
  risk: 'high',
  effect: 'As every row gets the default, every row is looked up in the other table.',
  blocks: 'reads and writes of the table, and writes to the other, until all of both was read',
  instead: {
    says:
      'Add the column without REFERENCES, then the foreign key NOT VALID, and validate it in a ' +
      'later revision.',
    sql:
      'ALTER TABLE orders ADD COLUMN shop_id int DEFAULT 1;\n' +
      'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops ' +
      '(id) NOT VALID;',
    alembic:
      "op.add_column('orders', sa.Column('shop_id', sa.Integer(), server_default='1'))\n" +
      "op.create_foreign_key('orders_shop', 'orders', 'shops', ['shop_id'], ['id'], " +
      'postgresql_not_valid=True)',
  },
  on: ['AT_AddColumn'],
  bad: 'ALTER TABLE orders ADD COLUMN shop_id int DEFAULT 1 REFERENCES shops (id);',
  good: 'ALTER TABLE orders ADD COLUMN shop_id int REFERENCES shops (id);',

  check(statement) {
    const added = addedColumn(statement);
    const reference = added && ofType(added.constraints, 'CONSTR_FOREIGN');
    if (!reference || !defaultOf(added.constraints)) return;
    const other = nameOf(reference.pktable);
    return {
      message:
        `checking ${added.table}.${added.name} against ${other} reads all of ${added.table} while ` +
        'nobody can use it',
      relations: [locked(added.table, 'ACCESS EXCLUSIVE'), locked(other, 'SHARE ROW EXCLUSIVE')],
    };
  },
});
