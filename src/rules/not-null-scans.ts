import { addedConstraint, dotted, identifier, tableCommand } from '../sql/ast.js';
import { fromCatalog, knownColumn, type KnownColumn, unsure } from './known.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'not-null-scans',
  risk: 'high',
  effect:
    'PostgreSQL reads the whole table to look for NULL, and the running release can no longer write it.',
  blocks: 'reads and writes of the table until all of it was read',
  breaksRunning: true,
  instead: {
    says: 'Add a CHECK NOT VALID and validate it in the next revision; SET NOT NULL in the one after that reads nothing (PostgreSQL 12 and later).',
    sql: 'ALTER TABLE orders ADD CONSTRAINT state_given CHECK (state IS NOT NULL) NOT VALID;\n-- the next revision\nALTER TABLE orders VALIDATE CONSTRAINT state_given;',
    alembic:
      "op.create_check_constraint('state_given', 'orders', 'state IS NOT NULL', postgresql_not_valid=True)\n# the next revision\nop.execute('ALTER TABLE orders VALIDATE CONSTRAINT state_given')",
  },
  on: ['AT_SetNotNull', 'AT_AddConstraint'],
  bad: 'ALTER TABLE orders ALTER COLUMN state SET NOT NULL;',
  good: 'ALTER TABLE orders ADD CONSTRAINT state_given CHECK (state IS NOT NULL) NOT VALID;',

  check(statement, { schema, postgres }) {
    const set = tableCommand(statement, 'AT_SetNotNull');
    const added = addedConstraint(statement);
    const named =
      added?.constraint.contype === 'CONSTR_NOTNULL' && !added.constraint.skip_validation ? added : undefined;
    const table = set?.table ?? named?.table;
    if (!table) return;
    const column = set ? identifier(set.cmd.name ?? '') : dotted(named?.constraint.keys);
    const why = whyNoScan(knownColumn(schema, table, column), postgres);
    if (why)
      return fromCatalog({
        risk: 'low',
        message: `${table}.${column} ${why}: no row is read`,
        relations: [locked(table, 'ACCESS EXCLUSIVE')],
        breaksRunning: false,
      });
    return {
      message: `looking for NULL in ${table}.${column} reads all of ${table} while nobody can use it`,
      relations: [locked(table, 'ACCESS EXCLUSIVE')],
      ...unsure(schema, `a valid CHECK (${column} IS NOT NULL), or NOT NULL itself, is there already`),
    };
  },
});

const PROVES_SINCE = 12;

/** Since version 12 a valid CHECK is proof enough; NOT NULL that is NOT VALID (18) is not. */
function whyNoScan(known: KnownColumn | undefined, postgres = 0): string | undefined {
  if (!known) return undefined;
  const { column, relation } = known;
  const pending = relation.constraints.find(
    ({ kind, columns, validated }) => kind === 'not null' && columns[0] === column.name && !validated,
  );
  if (column.notNull && !pending) return 'is NOT NULL already';
  const proof = relation.constraints.find(
    ({ proves, validated }) => validated && proves.includes(column.name),
  );
  return proof && postgres >= PROVES_SINCE ? `is never NULL by the valid ${proof.name}` : undefined;
}
