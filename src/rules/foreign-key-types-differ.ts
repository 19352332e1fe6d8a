import { sameType, showColumnType } from '../schema/column-type.js';
import { baseOf, columnNamed, relationNamed } from '../schema/resolve.js';
import { addedConstraint, nameOf } from '../sql/ast.js';
import { namesOf, primaryKeyOf } from '../schema/constraints.js';
import { fromCatalog } from './known.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'foreign-key-types-differ',
  risk: 'medium',
  effect:
    'The column cannot hold all values that it refers to, or PostgreSQL converts at each comparison ' +
    'and passes over an index.',
  blocks: 'nobody',
  instead: {
    says: 'Give the column the type of the one that it refers to.',
    sql: 'ALTER TABLE orders ADD COLUMN shop_id bigint REFERENCES shops (id);',
    alembic:
      "op.add_column('orders', sa.Column('shop_id', sa.BigInteger()))\nop.create_foreign_key('orders_shop', 'orders', 'shops', ['shop_id'], ['id'], postgresql_not_valid=True)",
  },
  on: ['AT_AddConstraint'],
  alsoNew: true,
  needs: 'CREATE TABLE shops (id bigint PRIMARY KEY); CREATE TABLE orders (shop_id int, shop bigint);',
  bad: 'ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops NOT VALID;',
  good: 'ALTER TABLE orders ADD FOREIGN KEY (shop) REFERENCES shops NOT VALID;',

  check(statement, { schema }) {
    const added = addedConstraint(statement);
    if (added?.constraint.contype !== 'CONSTR_FOREIGN') return;
    const [table, other] = [added.table, nameOf(added.constraint.pktable)];
    const [own, referred] = [relationNamed(schema, table), relationNamed(schema, other)];
    const named = namesOf(added.constraint.pk_attrs);
    const columns = named.length > 0 ? named : primaryKeyOf(referred);
    for (const [at, name] of namesOf(added.constraint.fk_attrs).entries()) {
      const [from, to] = [columnNamed(own, name)?.type, columnNamed(referred, columns[at] ?? '')?.type];
      if (!from || !to) continue;
      const [a, b] = [baseOf(schema, from), baseOf(schema, to)];
      // Lengths and digits make no difference to an index.
      if (sameType({ ...a, sizes: [] }, { ...b, sizes: [] }) || (isText(a.name) && isText(b.name))) continue;
      return fromCatalog({
        message: `${table}.${name} is ${showColumnType(from)}, and refers to ${other}.${columns[at]}, which is ${showColumnType(to)}`,
        relations: [],
      });
    }
    return undefined;
  },
});

const isText = (name: string): boolean => name === 'text' || name === 'varchar';
