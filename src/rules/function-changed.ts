import type { Node } from '../sql/ast.js';
import { dotted, nameOfObject, read, readAll } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'function-changed',
  risk: 'high',
  effect: 'Whatever calls it, the running release, triggers, views and indexes, meets another one or none.',
  blocks: 'nobody',
  breaksRunning: true,
  instead: {
    says: 'Create a function of a new name, and drop the old one when nothing calls it any more.',
    sql: "CREATE FUNCTION price_2(int) RETURNS numeric LANGUAGE sql AS 'SELECT 1.0';",
    alembic: 'op.execute("CREATE FUNCTION price_2(int) RETURNS numeric LANGUAGE sql AS \'SELECT 1.0\'")',
  },
  on: ['CreateFunctionStmt', 'AlterFunctionStmt', 'DropStmt'],
  bad: 'DROP FUNCTION price(int);',
  good: "CREATE FUNCTION price_2(int) RETURNS numeric LANGUAGE sql AS 'SELECT 1.0';",

  check(statement) {
    const made = read(statement, 'CreateFunctionStmt');
    const name = dotted(made?.funcname);
    if (made)
      return made.replace
        ? { risk: 'medium', message: `all that calls ${name} meets the new one at once`, relations: [] }
        : undefined;
    const altered = read(statement, 'AlterFunctionStmt');
    if (altered && changesMeaning(altered.actions))
      return {
        risk: 'medium',
        message: `what PostgreSQL takes for granted of ${dotted(altered.func?.objname)} changes`,
        relations: [],
      };
    const drop = read(statement, 'DropStmt');
    if (!drop || !/^OBJECT_(FUNCTION|PROCEDURE|ROUTINE|AGGREGATE)$/.test(drop.removeType ?? '')) return;
    const cascade = drop.behavior === 'DROP_CASCADE';
    return {
      ...(cascade ? { risk: 'very-high' as const } : {}),
      message:
        `all that calls ${(drop.objects ?? []).map(nameOfObject).join(', ')} ` +
        `fails${cascade ? ', and what depends on it is dropped unnamed' : ''}`,
      relations: [],
    };
  },
});

/** COST and ROWS only help the planner to guess. */
export const changesMeaning = (actions: readonly Node[] | undefined): boolean =>
  readAll(actions, 'DefElem').some(({ defname = '' }) => !['cost', 'rows'].includes(defname));
