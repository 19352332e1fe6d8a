import { alterationOf, nameOf, nameOfObject, read } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'view-changed',
  risk: 'high',
  effect: 'The running release fails where it uses the view, or what is no longer in it.',
  blocks: 'reads of the view until commit',
  breaksRunning: true,
  instead: {
    says: 'Create a view of a new name, and drop the old one when the old release is gone.',
    sql:
      'CREATE VIEW order_totals_2 AS SELECT customer_id, sum(total) AS total FROM orders GROUP ' +
      'BY customer_id;',
    alembic:
      "op.execute(\n    'CREATE VIEW order_totals_2 AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY " +
      "customer_id'\n)",
  },
  on: ['DropStmt', 'ViewStmt', 'AT_SetRelOptions', 'AT_ResetRelOptions'],
  bad: 'DROP VIEW order_totals;',
  good:
    'CREATE VIEW order_totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY ' +
    'customer_id;',

  check(statement) {
    const drop = read(statement, 'DropStmt');
    const view = read(statement, 'ViewStmt');
    const altered = alterationOf(statement);
    if (altered?.of === 'OBJECT_VIEW')
      return {
        risk: 'medium',
        message: `whose rights and rows ${altered.table} goes by changes`,
        relations: [locked(altered.table, 'ACCESS EXCLUSIVE')],
      };
    const dropped = drop && /^OBJECT_(MAT)?VIEW$/.test(drop.removeType ?? '') ? drop : undefined;
    if (!dropped && !view?.replace) return;
    const names = dropped ? (dropped.objects ?? []).map(nameOfObject) : [nameOf(view?.view)];
    const cascade = dropped?.behavior === 'DROP_CASCADE';
    return {
      // OR REPLACE keeps the columns; what they hold may be another thing.
      ...(dropped ? {} : { risk: 'medium' as const }),
      ...(cascade ? { risk: 'very-high' as const } : {}),
      message:
        `the running release may use ${names.join(', ')} as it ` +
        `was${cascade ? ', and what depends on it is dropped unnamed' : ''}`,
      relations: names.map((name) => locked(name, 'ACCESS EXCLUSIVE')),
    };
  },
});
