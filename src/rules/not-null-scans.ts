import { addedConstraint, dotted, identifier, tableCommand } from '../sql/ast.js';
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

  check(statement) {
    const set = tableCommand(statement, 'AT_SetNotNull');
    const added = addedConstraint(statement);
    const named =
      added?.constraint.contype === 'CONSTR_NOTNULL' && !added.constraint.skip_validation ? added : undefined;
    const table = set?.table ?? named?.table;
    if (!table) return;
    const column = set ? identifier(set.cmd.name ?? '') : dotted(named?.constraint.keys);
    return {
      message: `looking for NULL in ${table}.${column} reads all of ${table} while nobody can use it`,
      relations: [locked(table, 'ACCESS EXCLUSIVE')],
    };
  },
});
