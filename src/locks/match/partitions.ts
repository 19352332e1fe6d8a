import type { Relation, Schema } from '../../schema/model.js';
import { indexNamed, relationNamed } from '../../schema/resolve.js';
import type { AlterTableCmd } from '../../sql/ast.js';
import { nameOf, read } from '../../sql/ast.js';
import type { Actor } from '../actors.js';
import {
  actorOf,
  heirActors,
  indexActor,
  indexesOf,
  isKnown,
  named,
  referencedBy,
  referencingActors,
  unknownIndex,
} from '../actors.js';
import { matched, type Match } from '../match.js';

/** Other partitions that a new or leaving one concerns: rows of the default partition may belong to it. */
export function defaultOf(schema: Schema, parent: Relation | undefined, except?: Relation): Actor[] {
  if (!parent) return [];
  return [...schema.relations.values()]
    .filter((each) => each.partitionOf === parent.key && each.isDefaultPartition && each !== except)
    .flatMap((each) => [actorOf(each, `default partition of ${parent.key}`), ...heirActors(schema, each)]);
}

/** What the foreign keys of a partitioned table mean for a partition of it. */
export const referencedByParent = (schema: Schema, parent: Relation | undefined): Actor[] =>
  (parent?.constraints ?? [])
    .filter(({ kind }) => kind === 'foreign key')
    .flatMap(({ references }) => referencedBy(schema, references?.relation ?? '', parent?.key ?? ''));

export const referencingParent = (schema: Schema, parent: Relation | undefined): Actor[] =>
  parent ? referencingActors(schema, [parent]) : [];

const parentUnsure = (schema: Schema, name: string): string[] =>
  isKnown(schema, name)
    ? []
    : [`a default partition of ${name}, and tables that its foreign keys reference, would be locked as well`];

export function attachMatches(schema: Schema, parentName: string, cmd: AlterTableCmd): Match[] {
  const name = nameOf(read(cmd.def, 'PartitionCmd')?.name);
  const [parent, partition] = [relationNamed(schema, parentName), relationNamed(schema, name)];
  const actors = {
    parent: [named(schema, parentName)],
    partition: [named(schema, name)],
    heirs: heirActors(schema, partition),
    parentIndexes: indexesOf(parent ? [parent] : []),
    default: defaultOf(schema, parent, partition),
    referenced: referencedByParent(schema, parent),
    referencing: referencingParent(schema, parent),
  };
  const missing = (parent?.indexes ?? []).filter(
    (index) =>
      !partition?.indexes.some(
        (each) => each.keys.join() === index.keys.join() && each.unique === index.unique,
      ),
  );
  return [
    matched('attach partition', actors, { unsure: parentUnsure(schema, parentName) }),
    ...missing.map(() => matched('attach partition without index', { partition: actors.partition })),
  ];
}

export function detachMatches(schema: Schema, parentName: string, cmd: AlterTableCmd): Match[] {
  const command = read(cmd.def, 'PartitionCmd');
  const name = nameOf(command?.name);
  const [parent, partition] = [relationNamed(schema, parentName), relationNamed(schema, name)];
  const actors = {
    parent: [named(schema, parentName)],
    partition: [named(schema, name)],
    partitionIndexes: indexesOf(partition ? [partition] : [], ({ partOf }) => partOf !== undefined),
    default: defaultOf(schema, parent),
    referenced: referencedByParent(schema, parent),
  };
  const unsure = parentUnsure(schema, parentName);
  if (cmd.subtype === 'AT_DetachPartitionFinalize') return [matched('finish detaching a partition', actors)];
  if (command?.concurrent) return [matched('detach partition concurrently', actors, { unsure })];
  const referencing = referencingParent(schema, parent);
  const checked =
    referencing.length > 0
      ? [matched('detach partition that is referenced', { ...actors, referencing })]
      : [];
  return [matched('detach partition', actors, { unsure }), ...checked];
}

/** ALTER INDEX … ATTACH PARTITION. */
export function attachIndexMatches(schema: Schema, wholeName: string, cmd: AlterTableCmd): Match[] {
  const name = nameOf(read(cmd.def, 'PartitionCmd')?.name);
  const [whole, part] = [indexNamed(schema, wholeName), indexNamed(schema, name)];
  return [
    matched('attach index', {
      parent: whole ? [actorOf(whole.relation, `table of ${wholeName}`)] : [],
      table: part ? [actorOf(part.relation, `table of ${name}`)] : [],
      parentIndexes: [
        whole ? indexActor(whole.relation, whole.index, undefined, wholeName) : unknownIndex(wholeName),
      ],
      index: [part ? indexActor(part.relation, part.index, undefined, name) : unknownIndex(name)],
    }),
  ];
}
