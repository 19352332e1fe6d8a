import type { Content } from '../sql/ast.js';
import { dotted, identifier, nameOf, read, readAll } from '../sql/ast.js';
import { namesOf } from './constraints.js';
import { columnsIn } from './expression.js';
import type { Relation, Schema } from './model.js';
import { columnNamed, functionsNamed, relationNamed } from './resolve.js';

/** Triggers, policies and rules: what hangs on a table and runs when it is used. */

export function createTrigger(schema: Schema, statement: Content<'CreateTrigStmt'>): void {
  const relation = relationNamed(schema, nameOf(statement.relation));
  if (!relation) return;
  const name = identifier(statement.trigname ?? '');
  const called = dotted(statement.funcname);
  const found = functionsNamed(schema, called)[0]?.key;
  relation.triggers = relation.triggers.filter((each) => each.name !== name);
  relation.triggers.push({
    name,
    columns: namesOf(statement.columns),
    calls: found ? found.slice(0, found.indexOf('(')) : called,
  });
}

const known = (relation: Relation, names: readonly string[]): string[] =>
  names.filter((name) => relation.columnsUnknown || columnNamed(relation, name)).sort();

export function createPolicy(schema: Schema, statement: Content<'CreatePolicyStmt'>): void {
  const relation = relationNamed(schema, nameOf(statement.table));
  relation?.policies.push({
    name: identifier(statement.policy_name ?? ''),
    columns: known(relation, columnsIn([statement.qual, statement.with_check])),
  });
}

/** What it does not say stays: its columns may only grow, which is the careful side. */
export function alterPolicy(schema: Schema, statement: Content<'AlterPolicyStmt'>): void {
  const relation = relationNamed(schema, nameOf(statement.table));
  const found = relation?.policies.find(({ name }) => name === identifier(statement.policy_name ?? ''));
  if (!relation || !found) return;
  const given = known(relation, columnsIn([statement.qual, statement.with_check]));
  found.columns = [...new Set([...found.columns, ...given])].sort();
}

export function createRule(schema: Schema, statement: Content<'RuleStmt'>): void {
  const relation = relationNamed(schema, nameOf(statement.relation));
  const name = identifier(statement.rulename ?? '');
  if (relation && !relation.rules.includes(name)) relation.rules.push(name);
}

/** Only tables and the like have grantees in the model. What REVOKE leaves is known when it takes all. */
export function grant(schema: Schema, statement: Content<'GrantStmt'>): void {
  if (statement.objtype !== 'OBJECT_TABLE' && statement.objtype !== 'OBJECT_SEQUENCE') return;
  const roles = readAll(statement.grantees, 'RoleSpec').flatMap(({ roletype, rolename }) =>
    roletype === 'ROLESPEC_PUBLIC' ? ['public'] : rolename === undefined ? [] : [identifier(rolename)],
  );
  const takesAll = !statement.privileges?.length && !statement.grant_option;
  for (const relation of grantedOn(schema, statement)) {
    if (statement.is_grant) {
      const added = roles.filter((role) => role !== relation.owner);
      relation.grantees = [...new Set([...relation.grantees, ...added])].sort();
    } else if (takesAll) relation.grantees = relation.grantees.filter((role) => !roles.includes(role));
  }
}

function grantedOn(schema: Schema, { targtype, objects }: Content<'GrantStmt'>): Relation[] {
  if (targtype === 'ACL_TARGET_ALL_IN_SCHEMA') {
    const places = readAll(objects, 'String').map(({ sval = '' }) => `${identifier(sval)}.`);
    return [...schema.relations.values()].filter(({ key }) => places.some((place) => key.startsWith(place)));
  }
  return (objects ?? []).flatMap(
    (object) => relationNamed(schema, nameOf(read(object, 'RangeVar'))) ?? [],
  );
}
