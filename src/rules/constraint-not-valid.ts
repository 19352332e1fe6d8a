import type { Constraint } from '../sql/ast.js';
import { addedConstraint, nameOf } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'constraint-not-valid',
  risk: 'medium',
  effect:
    'Old rows are not looked at, but new and changed rows must fit at once, those of the ' +
    'running release as well.',
  blocks: 'the table for a moment: reads and writes for a check, writes to both tables for a foreign key',
  breaksRunning: true,
  instead: {
    says:
      'This is the safe way; see that the running release writes only what fits, then validate ' +
      'in the next revision.',
    sql: 'ALTER TABLE orders VALIDATE CONSTRAINT amount_positive; -- the next revision',
    alembic: "op.execute('ALTER TABLE orders VALIDATE CONSTRAINT amount_positive')",
  },
  on: ['AT_AddConstraint'],
  bad: 'ALTER TABLE orders ADD CONSTRAINT amount_positive CHECK (amount > 0) NOT VALID;',
  good: 'ALTER TABLE orders ADD COLUMN amount int;',

  check(statement) {
    const added = addedConstraint(statement);
    if (!added?.constraint.skip_validation || isNotEnforced(added.constraint)) return;
    const other = nameOf(added.constraint.pktable);
    return {
      // What a foreign key refers to is there, unless the release that runs writes orphans.
      ...(other ? { risk: 'low' as const, breaksRunning: false } : {}),
      message: `new and changed rows of ${added.table} must fit ${added.name} at once`,
      relations: other
        ? [locked(added.table, 'SHARE ROW EXCLUSIVE'), locked(other, 'SHARE ROW EXCLUSIVE')]
        : [locked(added.table, 'ACCESS EXCLUSIVE')],
    };
  },
});

/** It is marked NOT VALID as well. A NOT NULL says nothing of being enforced. */
const isNotEnforced = ({ contype, is_enforced: enforced }: Constraint): boolean =>
  contype !== 'CONSTR_NOTNULL' && !enforced;
