import { nameOf, nameOfObject, read, readAll } from '../sql/ast.js';
import type { Node } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'privileges-widened',
  risk: 'medium',
  effect: 'Every role that can connect may do it from now on, those of later services and of people as well.',
  blocks: 'nobody',
  instead: {
    says: 'Grant to the role that needs it.',
    sql: 'GRANT SELECT ON customers TO reporting;',
    alembic: "op.execute('GRANT SELECT ON customers TO reporting')",
  },
  on: ['GrantStmt', 'GrantRoleStmt', 'AlterDefaultPrivilegesStmt'],
  bad: 'GRANT SELECT ON customers TO PUBLIC;',
  good: 'GRANT SELECT ON customers TO reporting;',
  alsoNew: true,

  check(statement) {
    const role = read(statement, 'GrantRoleStmt');
    const mighty = readAll(role?.granted_roles, 'AccessPriv')
      .map(({ priv_name: name = '' }) => name)
      .filter((name) => /^pg_/.test(name));
    if (role?.is_grant && mighty.length > 0)
      return { message: `${mighty.join(', ')} lets its members do more than tables allow`, relations: [] };
    const grant = read(statement, 'GrantStmt') ?? read(statement, 'AlterDefaultPrivilegesStmt')?.action;
    if (!grant?.is_grant || !toPublic(grant.grantees)) return;
    const what = readAll(grant.objects, 'RangeVar').map(nameOf).join(', ') || listed(grant.objects);
    return { message: `every role may use ${what}`, relations: [] };
  },
});

const listed = (objects: readonly Node[] | undefined): string =>
  (objects ?? []).map(nameOfObject).filter(Boolean).join(', ') || 'what is made from now on';

const toPublic = (grantees: readonly Node[] | undefined): boolean =>
  readAll(grantees, 'RoleSpec').some(({ roletype }) => roletype === 'ROLESPEC_PUBLIC');
