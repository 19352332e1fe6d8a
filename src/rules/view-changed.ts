import { nameOf, nameOfObject, read } from '../sql/ast.js';
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
    alembic: "op.execute('CREATE VIEW order_totals_2 AS SELECT …')",
  },
  on: ['DropStmt', 'ViewStmt'],
  bad: 'DROP VIEW order_totals;',
  good:
    'CREATE VIEW order_totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY ' +
    'customer_id;',

  check(statement) {
    const drop = read(statement, 'DropStmt');
    const view = read(statement, 'ViewStmt');
    const dropped = drop && /^OBJECT_(MAT)?VIEW$/.test(drop.removeType ?? '') ? drop : undefined;
    if (!dropped && !view?.replace) return;
    const names = dropped ? (dropped.objects ?? []).map(nameOfObject) : [nameOf(view?.view)];
    const cascade = dropped?.behavior === 'DROP_CASCADE';
    return {
      ...(cascade ? { risk: 'very-high' as const } : {}),
      message:
        `the running release may use ${names.join(', ')} as it ` +
        `was${cascade ? ', and what depends on it is dropped unnamed' : ''}`,
      relations: names.map((name) => locked(name, 'ACCESS EXCLUSIVE')),
    };
  },
});
