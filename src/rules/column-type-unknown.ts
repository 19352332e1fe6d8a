import { addedColumn } from '../sql/ast.js';
import { isKnownType, typeName } from '../sql/types.js';
import { isConstrained, typeNamed } from '../schema/resolve.js';
import { fromCatalog, unsure } from './known.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'column-type-unknown',
  risk: 'high',
  effect:
    'If the type is a domain with a condition, PostgreSQL writes the whole table anew, even ' +
    'without a default.',
  blocks: 'reads and writes of the table until it is written anew, if the type is such a domain',
  instead: {
    says:
      'Use the type below the domain with a CHECK on the table that is added NOT VALID; an enum ' +
      'type is safe.',
    sql:
      'ALTER TABLE orders ADD COLUMN amount int;\n' +
      'ALTER TABLE orders ADD CONSTRAINT amount_positive CHECK (amount > 0) NOT VALID;',
    alembic:
      "op.add_column('orders', sa.Column('amount', sa.Integer()))\n" +
      "op.create_check_constraint('amount_positive', 'orders', 'amount > 0', " +
      'postgresql_not_valid=True)',
  },
  on: ['AT_AddColumn'],
  bad: 'ALTER TABLE orders ADD COLUMN amount positive_int;',
  good: "CREATE TYPE order_state AS ENUM ('open', 'sent'); ALTER TABLE orders ADD COLUMN state order_state;",

  check(statement, { newTypes, schema }) {
    const added = addedColumn(statement);
    const type = added?.column.typeName;
    if (!added || isKnownType(type) || newTypes.has(typeName(type))) return;
    const known = typeNamed(schema, typeName(type));
    if (known && !isConstrained(schema, known)) return;
    if (known)
      return fromCatalog({
        message: `${typeName(type)} is a domain with a condition: adding ${added.table}.${added.name} writes all of ${added.table} anew`,
        relations: [locked(added.table, 'ACCESS EXCLUSIVE')],
      });
    return {
      message:
        `the type ${typeName(type)} of ${added.table}.${added.name} may be a domain with a ` +
        `condition, which writes all of ${added.table} anew`,
      relations: [locked(added.table, 'ACCESS EXCLUSIVE')],
      ...unsure(schema, `${typeName(type)} is a domain with a condition`),
    };
  },
});
