import type { Relation, Schema, TableConstraint } from '../../schema/model.js';
import { indexNamed } from '../../schema/resolve.js';
import type { AlterTableCmd } from '../../sql/ast.js';
import { identifier } from '../../sql/ast.js';
import type { Actor } from '../actors.js';
import { indexesOf, referencedBy, referencingActors, referencingOf } from '../actors.js';
import { matched, type Match } from '../match.js';
import { constraintNamed } from './constraints.js';
import { heirsUnsure, onTable, type Target } from './target.js';

/** DROP CONSTRAINT: what else is locked hangs on what it is. */
export function dropConstraintMatches(cmd: AlterTableCmd, target: Target): Match[] {
  const constraint = constraintNamed(target, cmd);
  if (!constraint) {
    const name = identifier(cmd.name ?? '');
    const unsure = target.isKnown
      ? []
      : [
          ...heirsUnsure(target),
          `if ${name} is a foreign key, the table that it references is locked as well`,
          `if ${name} is a key, the tables that reference it are locked as well`,
        ];
    const isMissing = target.isKnown && !cmd.missing_ok;
    const fails = isMissing ? { fails: { why: `${target.name} has no constraint ${name}` } } : {};
    return [matched('drop check', { table: [target.table] }, { unsure, ...fails })];
  }
  if (constraint.kind === 'foreign key') return [dropForeignKey(constraint, target)];
  if (constraint.kind === 'check' || constraint.kind === 'not null')
    return [matched('drop check', onTable(target))];
  return [dropKey(constraint, cmd, target)];
}

function dropForeignKey(constraint: TableConstraint, target: Target): Match {
  const { root, parts } = rootAndParts(target.schema, constraint, target.name);
  return matched('drop foreign key', { ...onTable(target), referenced: parts, referencedRoot: root });
}

/** Referenced tables; a partitioned one apart from its partitions, whose triggers do the checking. */
export function rootAndParts(
  schema: Schema,
  { references }: TableConstraint,
  from: string,
): { root: Actor[]; parts: Actor[] } {
  const all = referencedBy(schema, references?.relation ?? '', from);
  const isRoot = (actor: Actor) => schema.relations.get(actor.key)?.kind === 'partitioned table';
  return { root: all.filter(isRoot), parts: all.filter((actor) => !isRoot(actor)) };
}

function dropKey(constraint: TableConstraint, cmd: AlterTableCmd, target: Target): Match {
  const { schema, all, relation } = target;
  const users = relation ? keyUsers(schema, relation, constraint) : [];
  const own = indexesOf(
    all,
    (index) =>
      isOf(index.constraint, constraint, relation) ||
      (index.partOf !== undefined && isPartOf(schema, index.partOf, constraint, relation)),
  );
  const more =
    cmd.behavior !== 'DROP_CASCADE' && users.length > 0
      ? {
          fails: {
            why: `${users[0]?.key ?? ''} references ${target.name} by ${constraint.name}: it is not dropped without CASCADE`,
          },
        }
      : {};
  return matched(
    'drop key',
    {
      ...onTable(target),
      columnIndexes: own,
      referencing: referencingActors(schema, all, constraint.columns),
    },
    more,
  );
}

const isOf = (
  name: string | undefined,
  constraint: TableConstraint,
  relation: Relation | undefined,
): boolean => relation !== undefined && name === constraint.name;

/** Whether that index is, or belongs to, the index of the constraint. */
function isPartOf(
  schema: Schema,
  partOf: string,
  constraint: TableConstraint,
  relation: Relation | undefined,
): boolean {
  const whole = indexNamed(schema, partOf);
  if (!whole || !relation) return false;
  if (whole.relation === relation) return whole.index.constraint === constraint.name;
  return whole.index.partOf !== undefined && isPartOf(schema, whole.index.partOf, constraint, relation);
}

const keyUsers = (schema: Schema, relation: Relation, { columns }: TableConstraint): Relation[] =>
  referencingOf(schema, [relation], columns).map((each) => each.relation);
