import { addConstraintOf, indexNameFor } from './indexes.js';
import type { Index, Relation, Schema } from './model.js';
import { type FoundIndex, indexKey } from './resolve.js';

const partitionsOf = (schema: Schema, key: string): Relation[] =>
  [...schema.relations.values()].filter(({ partitionOf }) => partitionOf === key);

/** An index of a partitioned table exists in each partition; with ON ONLY it waits for them, and is not valid. */
export function addToPartitions(schema: Schema, found: FoundIndex, andBelow: boolean): void {
  if (found.relation.kind !== 'partitioned table') return;
  const partitions = partitionsOf(schema, found.relation.key);
  if (!andBelow) {
    if (partitions.length > 0) found.index.valid = false;
    return;
  }
  for (const partition of partitions) addPart(schema, found, partition);
}

/** Of the partition the index that fits, or a new one under the name that PostgreSQL chooses. */
export function addPart(schema: Schema, whole: FoundIndex, partition: Relation): void {
  const kind = kindOfIndex(whole.relation, whole.index);
  const fits = partition.indexes.find(
    (each) => !each.partOf && sameShape(each, whole.index) && kindOfIndex(partition, each) === kind,
  );
  if (fits) {
    fits.partOf = indexKey(whole);
    return;
  }
  const { isReplicaIdentity: _, ...copied } = whole.index;
  const parts = copied.keys.map((key) => key ?? 'expr');
  const including = copied.columns.filter((each) => !copied.keys.includes(each));
  const named = copied.keys.includes(null) ? parts : [...parts, ...(copied.isPartial ? [] : including)];
  const index: Index = {
    ...copied,
    name: indexNameFor(schema, partition, kind, named),
    valid: true,
    partOf: indexKey(whole),
  };
  if (kind) index.constraint = index.name;
  partition.indexes.push(index);
  if (kind) addConstraintOf(schema, partition, index, kind);
  addToPartitions(schema, { relation: partition, index }, true);
}

const sameShape = (a: Index, b: Index): boolean =>
  a.keys.join() === b.keys.join() &&
  a.unique === b.unique &&
  a.isPartial === b.isPartial &&
  [...a.columns].sort().join() === [...b.columns].sort().join();

function kindOfIndex(relation: Relation, index: Index): 'primary key' | 'unique' | 'exclude' | undefined {
  const kind = relation.constraints.find(
    (each) => each.name === index.constraint && each.kind !== 'not null',
  )?.kind;
  return kind === 'primary key' || kind === 'unique' || kind === 'exclude' ? kind : undefined;
}
