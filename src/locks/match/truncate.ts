import type { Relation, Schema } from '../../schema/model.js';
import { relationNamed } from '../../schema/resolve.js';
import type { Node } from '../../sql/ast.js';
import { nameOf, read, readAll } from '../../sql/ast.js';
import { actorOf, heirActors, heirsOf, indexesOf, named } from '../actors.js';
import { matched, type Match } from '../match.js';
import { targetOf } from './target.js';

export function truncateMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'TruncateStmt');
  const ranges = readAll(statement?.relations, 'RangeVar');
  const direct = ranges.flatMap((range) => targetOf(schema, nameOf(range), !range.inh).all);
  const all = statement?.behavior === 'DROP_CASCADE' ? withReferencing(schema, direct) : direct;
  const refused = all === direct ? referencing(schema, direct)[0] : undefined;
  const names = new Set(direct.map(({ key }) => key));
  return [
    matched(
      'truncate',
      {
        table: ranges.map((range) => named(schema, nameOf(range))),
        heirs: ranges.flatMap((range) =>
          !range.inh ? [] : heirActors(schema, relationNamed(schema, nameOf(range))),
        ),
        indexes: indexesOf(all.filter(({ kind }) => kind !== 'partitioned table')),
        referencing: all
          .filter(({ key }) => !names.has(key))
          .map((each) => actorOf(each, 'references a table that is emptied')),
        sequences: statement?.restart_seqs ? all.flatMap((each) => sequencesOf(schema, each)) : [],
        parent: direct.flatMap((each) => rootOf(schema, each)),
      },
      {
        unsure:
          schema.source === 'none' && statement?.behavior === 'DROP_CASCADE'
            ? ['all tables that reference it would be locked, and emptied']
            : [],
        ...(refused
          ? { fails: { why: `${refused.key} references ${refused.of}: it is not emptied without CASCADE` } }
          : {}),
      },
    ),
  ];
}

const referencing = (schema: Schema, relations: readonly Relation[]): { key: string; of: string }[] =>
  [...schema.relations.values()]
    .filter((each) => !relations.includes(each))
    .flatMap(({ key, constraints }) =>
      constraints.flatMap(({ references }) => {
        const of = relations.find((each) => each.key === references?.relation);
        return of ? [{ key, of: of.key }] : [];
      }),
    );

/** CASCADE empties what references the emptied, and what references that. */
function withReferencing(schema: Schema, start: readonly Relation[]): Relation[] {
  const found = [...start];
  for (let known = -1; known !== found.length;) {
    known = found.length;
    for (const { key } of referencing(schema, found)) {
      const relation = schema.relations.get(key);
      if (relation)
        for (const each of [relation, ...heirsOf(schema, relation)])
          if (!found.includes(each)) found.push(each);
    }
  }
  return found;
}

const sequencesOf = (schema: Schema, { key }: Relation) =>
  [...schema.relations.values()]
    .filter(({ sequence }) => sequence?.ownedBy?.relation === key)
    .map((each) => actorOf(each, `sequence of ${key}`));

const rootOf = (schema: Schema, { partitionOf }: Relation) => {
  const parent = partitionOf === undefined ? undefined : schema.relations.get(partitionOf);
  return parent ? [actorOf(parent, 'it is the partitioned table')] : [];
};
