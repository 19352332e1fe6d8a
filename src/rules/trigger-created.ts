import { identifier, nameOf, read } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'trigger-created',
  risk: 'medium',
  effect: 'Every write of the running release runs it from now on: it becomes slower, and may fail.',
  blocks: 'writes to the table until commit',
  breaksRunning: true,
  instead: {
    says: 'Keep its function short, try it on a copy under load, and keep it alone in its revision.',
    sql: 'CREATE TRIGGER orders_log AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION log_order();',
    alembic:
      "op.execute('CREATE TRIGGER orders_log AFTER INSERT ON orders FOR EACH ROW EXECUTE " +
      "FUNCTION log_order()')",
  },
  on: ['CreateTrigStmt', 'RuleStmt'],
  bad: 'CREATE TRIGGER orders_log AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION log_order();',
  good:
    'CREATE TABLE t (id int); CREATE TRIGGER t_log AFTER INSERT ON t FOR EACH ROW EXECUTE ' +
    'FUNCTION log_order();',

  check(statement) {
    const trigger = read(statement, 'CreateTrigStmt');
    const rule = read(statement, 'RuleStmt');
    const relation = trigger?.relation ?? rule?.relation;
    if (!relation) return;
    const name = identifier(trigger?.trigname ?? rule?.rulename ?? '');
    return {
      message: `every write to ${nameOf(relation)} runs ${name} from now on`,
      ...(rule ? { risk: 'high' as const } : {}),
      relations: [locked(nameOf(relation), rule ? 'ACCESS EXCLUSIVE' : 'SHARE ROW EXCLUSIVE')],
    };
  },
});
