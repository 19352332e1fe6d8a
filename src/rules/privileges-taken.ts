import type { Node } from '../sql/ast.js';
import { alterationOf, identifier, nameOf, nameOfObject, read, readAll } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'privileges-taken',
  risk: 'medium',
  effect: 'The running release may lose the right to do what it does.',
  blocks: 'nobody; for OWNER TO reads and writes of the table for a moment',
  breaksRunning: true,
  instead: {
    says:
      'Take rights away in a later release than the one that stops using them, and try it as ' +
      "the application's role on a copy.",
    sql: 'REVOKE DELETE ON orders FROM shop_app; -- a release later',
    alembic: "op.execute('REVOKE DELETE ON orders FROM shop_app')  # a release later",
  },
  on: [
    'GrantStmt',
    'GrantRoleStmt',
    'ReassignOwnedStmt',
    'AlterDefaultPrivilegesStmt',
    'AlterOwnerStmt',
    'AT_ChangeOwner',
  ],
  bad: 'REVOKE ALL ON orders FROM shop_app;',
  good: 'GRANT SELECT ON orders TO shop_app;',

  check(statement) {
    const grant = read(statement, 'GrantStmt') ?? read(statement, 'AlterDefaultPrivilegesStmt')?.action;
    const role = read(statement, 'GrantRoleStmt');
    if (role && !role.is_grant) {
      const names = readAll(role.grantee_roles, 'RoleSpec').map(({ rolename = '' }) => identifier(rolename));
      return { message: `${names.join(', ')} loses what came by a role`, relations: [] };
    }
    if (read(statement, 'ReassignOwnedStmt'))
      return {
        message: 'all that a role owns gets another owner, and with it who may use it',
        relations: [],
      };
    const owner = read(statement, 'AlterOwnerStmt');
    const owned = ownedIn(statement) ?? (owner && (nameOf(owner.relation) || nameOfObject(owner.object)));
    if (owned !== undefined)
      return {
        message: `the owner of ${owned} changes, and with it who may use it`,
        relations: owner ? [] : [locked(owned, 'ACCESS EXCLUSIVE')],
      };
    if (!grant || grant.is_grant) return;
    const objects = readAll(grant.objects, 'RangeVar').map(nameOf).join(', ') || 'what is named';
    return { message: `the running release may no longer be allowed to use ${objects}`, relations: [] };
  },
});

/** A table, view or sequence that is given to somebody. */
function ownedIn(statement: Node): string | undefined {
  const altered = alterationOf(statement);
  return altered?.cmd.subtype === 'AT_ChangeOwner' ? altered.table : undefined;
}
