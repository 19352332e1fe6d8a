import { addedConstraint, identifier } from '../sql/ast.js';
import { columnNamed, relationNamed } from '../schema/resolve.js';
import { fromCatalog, unsure } from './known.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'constraint-from-index',
  risk: 'medium',
  effect:
    'The constraint itself takes a moment, but for a primary key the columns are read for ' +
    'NULL unless they are NOT NULL already.',
  blocks: 'reads and writes of the table for a moment; for a primary key perhaps until all of it was read',
  instead: {
    says: 'This is the safe way for UNIQUE; for a primary key make the columns NOT NULL before.',
    sql: 'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE USING INDEX orders_code;',
    alembic: "op.execute('ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE USING INDEX orders_code')",
  },
  on: ['AT_AddConstraint'],
  bad: 'ALTER TABLE orders ADD PRIMARY KEY USING INDEX orders_number;',
  good: 'ALTER TABLE orders ADD COLUMN code text;',

  check(statement, { schema }) {
    const added = addedConstraint(statement);
    if (!added?.constraint.indexname) return;
    const primary = added.constraint.contype === 'CONSTR_PRIMARY';
    const relations = [locked(added.table, 'ACCESS EXCLUSIVE')];
    if (!primary)
      return {
        risk: 'low',
        message: `making a constraint of ${added.table} from an index locks it for a moment`,
        relations,
      };
    const relation = relationNamed(schema, added.table);
    const index = relation?.indexes.find(({ name }) => name === identifier(added.constraint.indexname ?? ''));
    if (index?.keys.every((key) => key !== null && columnNamed(relation, key)?.notNull))
      return fromCatalog({
        message: `the columns of ${index.name} are NOT NULL already: making the primary key of ${added.table} from it takes a moment`,
        relations,
      });
    return {
      risk: 'high',
      message: `a primary key reads all of ${added.table} for NULL, unless its columns are NOT NULL already`,
      relations,
      ...unsure(schema, 'the columns of the index are NOT NULL already'),
    };
  },
});
