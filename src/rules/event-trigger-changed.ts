import { identifier, nameOfObject, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'event-trigger-changed',
  risk: 'high',
  effect:
    'It runs at every DDL of the database, those of this migration and of its undo as well, and may refuse it.',
  blocks: 'not known',
  breaksRunning: true,
  instead: {
    says: 'Let an administrator do it apart from a release, and try it on a copy.',
    sql: 'SELECT evtname, evtevent, evtenabled FROM pg_event_trigger;',
    alembic: '# no revision: part of setting up the database',
  },
  on: ['CreateEventTrigStmt', 'AlterEventTrigStmt', 'DropStmt'],
  bad: 'CREATE EVENT TRIGGER no_drop ON sql_drop EXECUTE FUNCTION no_drop();',
  good: 'SELECT evtname FROM pg_event_trigger;',

  check(statement) {
    const changed = read(statement, 'CreateEventTrigStmt') ?? read(statement, 'AlterEventTrigStmt');
    const drop = read(statement, 'DropStmt');
    const dropped = drop?.removeType === 'OBJECT_EVENT_TRIGGER' ? drop.objects?.map(nameOfObject) : undefined;
    if (!changed && !dropped) return;
    const name = changed ? identifier(changed.trigname ?? '') : dropped?.join(', ');
    return { message: `what ${name} does at every DDL of this database changes`, relations: [] };
  },
});
