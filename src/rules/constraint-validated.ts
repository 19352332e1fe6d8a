import { identifier, tableCommand } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'constraint-validated',
  risk: 'medium',
  effect:
    'PostgreSQL reads the whole table, and fails if one row does not fit. Nobody waits, if ' +
    'nothing else is in the transaction.',
  blocks: 'nobody',
  instead: {
    says:
      'This is the safe way, in a revision of its own: after ADD CONSTRAINT in the same ' +
      'transaction its lock would be held.',
    sql: 'ALTER TABLE orders VALIDATE CONSTRAINT amount_positive;',
    alembic: "op.execute('ALTER TABLE orders VALIDATE CONSTRAINT amount_positive')",
  },
  on: ['AT_ValidateConstraint'],
  bad: 'ALTER TABLE orders VALIDATE CONSTRAINT amount_positive;',
  good: 'ALTER TABLE orders ADD COLUMN amount int;',

  check(statement) {
    const validated = tableCommand(statement, 'AT_ValidateConstraint');
    if (!validated) return;
    const { table, cmd } = validated;
    return {
      message:
        `validating ${identifier(cmd.name ?? '')} reads all of ${table}, and fails if a row does ` +
        'not fit',
      relations: [locked(table, 'SHARE UPDATE EXCLUSIVE')],
    };
  },
});
