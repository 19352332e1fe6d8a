import type { Node } from '../sql/ast.js';
import { dotted, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'domain-scans-tables',
  risk: 'high',
  effect: 'Every table that uses the domain is read whole, and new rows everywhere must fit at once.',
  blocks: 'writes to every table that uses the domain until all of them were read',
  breaksRunning: true,
  instead: {
    says: 'Put the condition on the tables, NOT VALID, and validate them one by one.',
    sql: 'ALTER TABLE orders ADD CONSTRAINT amount_positive CHECK (amount > 0) NOT VALID;',
    alembic:
      "op.create_check_constraint('amount_positive', 'orders', 'amount > 0', postgresql_not_valid=True)",
  },
  on: ['AlterDomainStmt'],
  bad: 'ALTER DOMAIN positive_int ADD CONSTRAINT positive CHECK (value > 0);',
  good: 'CREATE DOMAIN positive_int AS int CHECK (value > 0);',

  check(statement) {
    const altered = read(statement, 'AlterDomainStmt');
    if (!altered || !reads(altered)) return;
    return {
      message:
        `every table that uses ${dotted(altered.typeName)} may be read whole, and nobody can ` +
        'write to it meanwhile',
      relations: [],
    };
  },
});

/** PostgreSQL's letters: C add a constraint, O set NOT NULL, V validate. The others look at no table. */
const reads = ({ subtype = '', def }: { subtype?: string; def?: Node }): boolean =>
  ['C', 'O', 'V'].includes(subtype) && !read(def, 'Constraint')?.skip_validation;
