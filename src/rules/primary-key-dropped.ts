import type { Schema } from '../schema/model.js';
import { relationNamed } from '../schema/resolve.js';
import { identifier, tableCommand } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'primary-key-dropped',
  risk: 'high',
  effect:
    'The same number can be given twice, queries lose their index, upserts fail, and where the table is ' +
    'published every UPDATE and DELETE of the running release fails (55000).',
  blocks: 'reads and writes of the table, and of those that refer to it, until commit',
  breaksRunning: true,
  instead: {
    says: 'Build the new key first, and change over in one statement.',
    sql:
      'CREATE UNIQUE INDEX CONCURRENTLY orders_number ON orders (number);\n' +
      'ALTER TABLE orders ADD CONSTRAINT orders_number UNIQUE USING INDEX orders_number;',
    alembic:
      'with op.get_context().autocommit_block():\n' +
      "    op.create_index('orders_number', 'orders', ['number'], unique=True, postgresql_concurrently=True)\n" +
      "op.execute('ALTER TABLE orders ADD CONSTRAINT orders_number UNIQUE USING INDEX orders_number')",
  },
  on: ['AT_DropConstraint'],
  bad: 'ALTER TABLE orders DROP CONSTRAINT orders_pkey;',
  good: 'ALTER TABLE orders DROP CONSTRAINT orders_shop;',

  check(statement, { schema }) {
    const dropped = tableCommand(statement, 'AT_DropConstraint');
    const name = identifier(dropped?.cmd.name ?? '');
    if (!dropped || !isPrimaryKey(schema, dropped.table, name)) return;
    const cascade =
      dropped.cmd.behavior === 'DROP_CASCADE' ? '; the foreign keys that refer to it go as well' : '';
    return {
      message: `without its primary key ${dropped.table} lets the same number in twice${cascade}`,
      relations: [locked(dropped.table, 'ACCESS EXCLUSIVE')],
    };
  },
});

/** By the schema where it is known, else by the name that PostgreSQL or a common convention gives it. */
export function isPrimaryKey(schema: Schema, table: string, name: string): boolean {
  const known = relationNamed(schema, table)?.constraints.find((each) => each.name === name);
  return known ? known.kind === 'primary key' : /(_pkey|^"?pk_.*|_pk)"?$/i.test(name);
}
