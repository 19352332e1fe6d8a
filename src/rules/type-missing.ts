import { relationNamed, typeNamed } from '../schema/resolve.js';
import { addedColumn } from '../sql/ast.js';
import { isKnownType, typeName } from '../sql/types.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'type-missing',
  risk: 'high',
  effect:
    'Alembic makes the type of a sa.Enum with its table only: with add_column it makes none, and PostgreSQL ' +
    'does not know the type (42704). The run fails there and rolls back.',
  blocks: 'nobody: it fails',
  instead: {
    says: 'Make the type before the column.',
    sql: "CREATE TYPE order_state AS ENUM ('open', 'sent');\nALTER TABLE orders ADD COLUMN state order_state;",
    alembic:
      "op.execute(\"CREATE TYPE order_state AS ENUM ('open', 'sent')\")\nop.add_column('orders', sa.Column('state', sa.Enum('open', 'sent', name='order_state')))",
  },
  on: ['AT_AddColumn'],
  language: 'python',
  bad: "op.add_column('orders', sa.Column('state', sa.Enum('open', 'sent', name='order_state')))",
  good:
    "op.execute(\"CREATE TYPE order_state AS ENUM ('open', 'sent')\")\n" +
    "op.add_column('orders', sa.Column('state', sa.Enum('open', 'sent', name='order_state')))",

  check(statement, { schema }) {
    const added = addedColumn(statement);
    const type = added?.column.typeName;
    if (!added || isKnownType(type) || !schema || schema.source === 'none') return;
    if (schema.searchPath === null || schema.forgotten !== undefined) return;
    const name = typeName(type);
    if (typeNamed(schema, name) || relationNamed(schema, name)) return;
    return {
      message: `the type ${name} of ${added.table}.${added.name} does not exist by then, unless an extension has it: this fails`,
      relations: [],
    };
  },
});
