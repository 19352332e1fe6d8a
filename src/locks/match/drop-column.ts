import type { Relation } from '../../schema/model.js';
import { columnNamed } from '../../schema/resolve.js';
import type { AlterTableCmd } from '../../sql/ast.js';
import { identifier } from '../../sql/ast.js';
import {
  indexesOf,
  ownForeignKeys,
  referencingActors,
  sequenceActors,
  viewActors,
  viewsOn,
} from '../actors.js';
import { matched, type Failure, type Match } from '../match.js';
import { rootAndParts } from './drop-constraint.js';
import { heirsUnsure, onTable, type Target } from './target.js';

/** DROP COLUMN takes along its indexes, its foreign keys, and by CASCADE all that uses it. */
export function dropColumnMatches(cmd: AlterTableCmd, target: Target): Match[] {
  const { schema, relation, all, name } = target;
  const column = identifier(cmd.name ?? '');
  if (cmd.missing_ok && relation && !relation.columnsUnknown && !columnNamed(relation, column))
    return [matched('drop column', { table: [target.table] })];
  const unsure = target.isKnown
    ? []
    : [...heirsUnsure(target), `tables that a foreign key of ${column} references would be locked as well`];
  if (!relation) return [matched('drop column', onTable(target), { unsure })];
  const keys = all.flatMap((each) =>
    ownForeignKeys(schema, each).filter(({ columns }) => columns.includes(column)),
  );
  const referenced = keys.map((constraint) => rootAndParts(schema, constraint, name));
  const views = viewsOn(schema, all, [column]);
  const referencing = referencingActors(schema, all, [column]);
  const fails = cmd.behavior === 'DROP_CASCADE' ? undefined : refusal(views, referencing[0]?.key, column);
  return [
    matched(
      'drop column',
      {
        ...onTable(target),
        columnIndexes: indexesOf(all, ({ columns }) => columns.includes(column)),
        referenced: referenced.flatMap(({ parts }) => parts),
        referencedRoot: referenced.flatMap(({ root }) => root),
        referencing,
        sequences: sequenceActors(schema, relation, column),
        dependants: viewActors(views, `${name}.${column}`),
      },
      { unsure, ...(fails ? { fails } : {}) },
    ),
  ];
}

function refusal(
  [view]: readonly Relation[],
  referencing: string | undefined,
  column: string,
): Failure | undefined {
  const user = view?.key ?? referencing;
  return user === undefined
    ? undefined
    : { why: `${user} uses ${column}: it is not dropped without CASCADE` };
}
