import type { Relation, Schema } from '../../schema/model.js';
import { indexNamed } from '../../schema/resolve.js';
import { actorOf, heirActors, heirsOf, indexesOf, isKnown } from '../actors.js';
import { matched, type Match } from '../match.js';
import { namedIndex } from './alter-others.js';
import { isGone, namesOf, type Drop } from './dropped.js';

export function dropIndexes(drop: Drop, schema: Schema): Match[] {
  const shape = drop.concurrent ? 'drop index concurrently' : 'drop index';
  return namesOf(drop).flatMap((name): Match[] => {
    const found = indexNamed(schema, name);
    if (isGone(drop, schema, found !== undefined)) return [matched('outside of any table', {})];
    const index = [namedIndex(schema, name)];
    if (!found)
      return [
        matched(
          shape,
          { index },
          { unsure: isKnown(schema, name) ? [] : [`the table of ${name} is locked as well`] },
        ),
      ];
    const { constraint } = found.index;
    const fails = constraint
      ? { fails: { why: `the constraint ${constraint} of ${found.relation.key} needs ${name}` } }
      : {};
    const below = heirsOf(schema, found.relation);
    const isWhole = found.relation.kind === 'partitioned table';
    return [
      matched(
        shape,
        {
          table: [actorOf(found.relation, `table of ${name}`)],
          index,
          heirs: isWhole ? heirActors(schema, found.relation) : [],
          indexes: isWhole
            ? indexesOf(below, ({ partOf }) => partOf !== undefined && isPart(schema, partOf, found.index))
            : [],
        },
        fails,
      ),
    ];
  });
}

function isPart(schema: Schema, partOf: string, whole: Relation['indexes'][number]): boolean {
  const found = indexNamed(schema, partOf);
  if (!found) return false;
  return (
    found.index === whole || (found.index.partOf !== undefined && isPart(schema, found.index.partOf, whole))
  );
}
