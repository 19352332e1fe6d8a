import { identifier, tableCommand } from '../sql/ast.js';
import { relationNamed } from '../schema/resolve.js';
import { unsure } from './known.js';
import { isPrimaryKey } from './primary-key-dropped.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'constraint-dropped',
  risk: 'medium',
  effect:
    'Rows that did not fit can be written from now on. Dropping a foreign key locks the table ' +
    'that it refers to as well.',
  blocks: 'reads and writes of the table, and of the other one of a foreign key, until commit',
  breaksRunning: true,
  instead: {
    says: 'Drop it in a transaction of its own, in a later release than the one that relies on it.',
    sql: 'ALTER TABLE orders DROP CONSTRAINT orders_shop; -- alone in its revision',
    alembic: "op.drop_constraint('orders_shop', 'orders', type_='foreignkey')",
  },
  on: ['AT_DropConstraint'],
  bad: 'ALTER TABLE orders DROP CONSTRAINT orders_shop;',
  good: 'ALTER TABLE orders RENAME CONSTRAINT orders_shop TO orders_shop_old;',

  check(statement, { schema }) {
    const dropped = tableCommand(statement, 'AT_DropConstraint');
    if (!dropped) return;
    const { table } = dropped;
    const name = identifier(dropped.cmd.name ?? '');
    if (isPrimaryKey(schema, dropped.table, name)) return;
    const cascade = dropped.cmd.behavior === 'DROP_CASCADE';
    const found = relationNamed(schema, table)?.constraints.find((each) => each.name === name);
    const other = found?.references?.relation;
    return {
      risk: cascade ? 'high' : 'medium',
      message:
        `dropping ${found ? `the ${found.kind} ` : ''}${name} of ${table} lets rows in that did not ` +
        `fit${cascade ? ', and drops what depends on it' : ''}`,
      relations: [table, ...(other === undefined ? [] : [other])].map((each) =>
        locked(each, 'ACCESS EXCLUSIVE'),
      ),
      ...(found
        ? { evidence: 'catalog' }
        : unsure(schema, `${name} is a foreign key, which locks the other table too`)),
    };
  },
});
