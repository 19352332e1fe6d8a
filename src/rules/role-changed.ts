import type { Node } from '../sql/ast.js';
import { identifier, read, readAll } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'role-changed',
  risk: 'high',
  effect:
    'Roles are of the whole server: whoever logs in as one of them may no longer be able to, or may do more.',
  blocks: 'nobody',
  breaksRunning: true,
  instead: {
    says: 'Make a new role, let the application move over, and take the old one away when nobody uses it.',
    sql: 'CREATE ROLE shop_app_2 LOGIN;',
    alembic: "op.execute('CREATE ROLE shop_app_2 LOGIN')",
  },
  on: ['AlterRoleStmt', 'DropRoleStmt', 'CreateRoleStmt'],
  bad: 'ALTER ROLE shop_app NOLOGIN;',
  good: 'CREATE ROLE reporting NOLOGIN;',

  check(statement) {
    const altered = read(statement, 'AlterRoleStmt');
    const dropped = read(statement, 'DropRoleStmt');
    const made = read(statement, 'CreateRoleStmt');
    if (made ? !isMighty(made.options) : !altered && !dropped) return;
    const names = dropped
      ? readAll(dropped.roles, 'RoleSpec').map(({ rolename = '' }) => rolename)
      : [altered?.role?.rolename ?? made?.role ?? 'the current role'];
    const what = dropped ? 'gone' : made ? 'may do all that there is' : 'may do other things than before';
    return { message: `${what}, in every database: ${names.map(identifier).join(', ')}`, relations: [] };
  },
});

const isMighty = (options: readonly Node[] | undefined): boolean =>
  readAll(options, 'DefElem').some(
    ({ defname, arg }) =>
      ['superuser', 'bypassrls', 'createrole'].includes(defname ?? '') &&
      read(arg, 'Boolean')?.boolval === true,
  );
