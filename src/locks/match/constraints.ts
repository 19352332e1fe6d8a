import type { TableConstraint } from '../../schema/model.js';
import { columnNamed, relationNamed } from '../../schema/resolve.js';
import type { AlterTableCmd, Constraint, Node } from '../../sql/ast.js';
import { addedConstraint, identifier, nameOf, read } from '../../sql/ast.js';
import type { Actor } from '../actors.js';
import { indexActor, referencedBy, unknownIndex } from '../actors.js';
import { matched, type Match } from '../match.js';
import type { ShapeName } from '../model/index.js';
import { heirsUnsure, onTable, type Target } from './target.js';

/** ADD CONSTRAINT. */
export function addConstraintMatches(node: Node, target: Target): Match[] {
  const constraint = addedConstraint(node)?.constraint;
  if (!constraint) return [];
  const unsure = heirsUnsure(target);
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
      return [matched(checkShape(constraint), onTable(target), { unsure })];
    case 'CONSTR_NOTNULL':
      return [
        matched(constraint.skip_validation ? 'add not null not valid' : 'add not null', onTable(target), {
          unsure,
        }),
      ];
    case 'CONSTR_FOREIGN':
      return [addForeignKey(constraint, target)];
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
    case 'CONSTR_EXCLUSION':
      return [addKey(constraint, target)];
    default:
      return [];
  }
}

/** NOT VALID, or NOT ENFORCED: rows that are there are not looked at. */
const isPending = ({ skip_validation: skips, is_enforced: enforced }: Constraint): boolean =>
  Boolean(skips) || !enforced;

function checkShape(constraint: Constraint): ShapeName {
  if (isPending(constraint)) return 'add check not valid';
  return constraint.is_no_inherit ? 'add check, not inherited' : 'add check';
}

const NOT_VALID_ON_PARTITIONED_SINCE = 18;

function addForeignKey(constraint: Constraint, target: Target): Match {
  const other = nameOf(constraint.pktable);
  const isSelf = relationNamed(target.schema, other) === target.relation && target.relation !== undefined;
  const [first, ...rest] =
    isSelf || other === target.name ? [] : referencedBy(target.schema, other, target.name);
  const { why: _, ...plain } = first ?? { why: undefined };
  const referenced = first ? [{ ...(plain as Actor), name: other }, ...rest] : [];
  const refused =
    constraint.skip_validation && target.relation?.kind === 'partitioned table'
      ? {
          fails: {
            why: `a foreign key of the partitioned table ${target.name} cannot be NOT VALID before PostgreSQL 18`,
            until: NOT_VALID_ON_PARTITIONED_SINCE - 1,
          },
        }
      : {};
  return matched(
    isPending(constraint) ? 'add foreign key not valid' : 'add foreign key',
    { ...onTable(target), referenced },
    { unsure: heirsUnsure(target), ...refused },
  );
}

function addKey(constraint: Constraint, target: Target): Match {
  const unsure = heirsUnsure(target);
  if (!constraint.indexname) {
    if (constraint.contype === 'CONSTR_EXCLUSION') return matched('add exclude', onTable(target), { unsure });
    return matched(
      constraint.contype === 'CONSTR_PRIMARY' ? 'add primary key' : 'add unique',
      onTable(target),
      { unsure },
    );
  }
  const name = identifier(constraint.indexname);
  const found = target.relation?.indexes.find((index) => index.name === name);
  const index =
    target.relation && found ? indexActor(target.relation, found, undefined, name) : unknownIndex(name);
  const nullable = !found || found.keys.some((key) => !key || !columnNamed(target.relation, key)?.notNull);
  const scans = constraint.contype === 'CONSTR_PRIMARY' && nullable;
  return matched(
    scans ? 'add primary key from index on nullable columns' : 'add key from index',
    { table: [target.table], index: [index] },
    {
      unsure:
        scans && !target.isKnown
          ? [`if the columns of ${name} are NOT NULL, ${target.name} is not read`]
          : [],
    },
  );
}

/** The constraint that a command names; undefined where it is not known. */
export const constraintNamed = ({ relation }: Target, cmd: AlterTableCmd): TableConstraint | undefined =>
  relation?.constraints.find(({ name }) => name === identifier(cmd.name ?? ''));

export function validateMatches(cmd: AlterTableCmd, target: Target): Match[] {
  const constraint = constraintNamed(target, cmd);
  if (constraint?.validated) return [matched('validate, valid already', onTable(target))];
  if (constraint?.kind !== 'foreign key')
    return [matched('validate check', onTable(target), { unsure: heirsUnsure(target) })];
  const [root, ...parts] = referencedBy(target.schema, constraint.references?.relation ?? '', target.name);
  return [
    matched('validate foreign key', { ...onTable(target), referenced: root ? [root] : [], read: parts }),
  ];
}

export function alterConstraintMatches(cmd: AlterTableCmd, target: Target): Match[] {
  const change = read(cmd.def, 'ATAlterConstraint');
  if (!change?.alterEnforceability)
    return [matched('alter constraint', onTable(target), { unsure: heirsUnsure(target) })];
  const name = identifier(change.conname ?? '');
  const constraint = target.relation?.constraints.find((each) => each.name === name);
  const referenced = constraint?.references
    ? referencedBy(target.schema, constraint.references.relation, target.name)
    : [];
  const shape = change.is_enforced ? 'enforce foreign key' : 'stop enforcing foreign key';
  const unsure = target.isKnown ? [] : [`the table that ${name} references would be locked as well`];
  return [matched(shape, { ...onTable(target), referenced }, { unsure })];
}

/** SET NOT NULL: nothing is read where it is known already. */
export function setNotNullMatches(cmd: AlterTableCmd, target: Target): Match[] {
  const column = identifier(cmd.name ?? '');
  const unsure = target.isKnown
    ? []
    : [...heirsUnsure(target), `a valid CHECK (${column} IS NOT NULL) would spare reading ${target.name}`];
  return [matched(notNullShape(target, column), onTable(target), { unsure })];
}

function notNullShape({ relation }: Target, column: string): ShapeName {
  const constraints = relation?.constraints ?? [];
  const pending = constraints.some(
    ({ kind, columns, validated }) => kind === 'not null' && columns[0] === column && !validated,
  );
  if (columnNamed(relation, column)?.notNull && !pending) return 'set not null, set already';
  const isProved = constraints.some(
    ({ kind, validated, proves }) => kind === 'check' && validated && proves.includes(column),
  );
  return isProved ? 'set not null, proved by a check' : 'set not null';
}
