import type { LockedRelation } from '../domain/plan.js';
import { nameOf, read } from '../sql/ast.js';
import type { Node } from '../sql/ast.js';
import type { Context } from './rule.js';
import { locked } from './rule.js';

/**
 * The locks that a statement holds until its transaction ends, on relations that were there before.
 *
 * @param found - what its findings say, for where the lock model does not know the statement
 */
export function heldBy(
  statement: Node,
  found: readonly LockedRelation[],
  { effects, newTables }: Context,
): LockedRelation[] {
  const locks = effects
    ? effects.relations.flatMap(({ name, lock, held, kind }) =>
        held === 'to commit' && kind !== 'index' ? [locked(name, lock)] : [],
      )
    : [...found, ...altered(statement)];
  return locks.filter(({ name }) => !newTables.has(name));
}

/** What a rule has not found is short, and takes the strongest lock all the same. */
function altered(statement: Node): LockedRelation[] {
  const alter = read(statement, 'AlterTableStmt');
  const weaker = /_(ValidateConstraint|SetStatistics|SetRelOptions|ResetRelOptions|ClusterOn|AddConstraint)$/;
  const subtype = read(alter?.cmds?.[0], 'AlterTableCmd')?.subtype ?? '';
  if (alter?.objtype !== 'OBJECT_TABLE' || weaker.test(subtype)) return [];
  return [locked(nameOf(alter.relation), 'ACCESS EXCLUSIVE')];
}
