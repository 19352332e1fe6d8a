import type { LockedRelation } from '../domain/plan.js';
import { nameOf, read } from '../sql/ast.js';
import type { Node } from '../sql/ast.js';
import type { Found } from './block.js';
import type { Context } from './rule.js';
import { locked } from './rule.js';

/**
 * The locks that a statement holds until its transaction ends, on relations that were there before.
 *
 * @param found - what its findings say, for where the lock model does not know the statement
 */
export function heldBy(
  statement: Node,
  found: readonly Found[],
  { effects, newTables }: Context,
): LockedRelation[] {
  if (!effects) {
    const locks = [...found.flatMap(({ hit }) => hit.relations), ...altered(statement)];
    return locks.filter(({ name }) => !newTables.has(name));
  }
  const locks: LockedRelation[] = [];
  for (const { name, lock, held, kind } of effects.relations)
    if (held === 'to commit' && kind !== 'index' && !newTables.has(name)) locks.push(locked(name, lock));
  return locks;
}

/** What a rule has not found is short, and takes the strongest lock all the same. */
function altered(statement: Node): LockedRelation[] {
  const alter = read(statement, 'AlterTableStmt');
  const weaker = /_(ValidateConstraint|SetStatistics|SetRelOptions|ResetRelOptions|ClusterOn|AddConstraint)$/;
  const subtype = read(alter?.cmds?.[0], 'AlterTableCmd')?.subtype ?? '';
  if (alter?.objtype !== 'OBJECT_TABLE' || weaker.test(subtype)) return [];
  return [locked(nameOf(alter.relation), 'ACCESS EXCLUSIVE')];
}
