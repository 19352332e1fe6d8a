import type { Relation, Schema } from './model.js';
import { keysOf } from './names.js';
import { ownedSequences, referencesTo } from './resolve.js';

/**
 * DROP TABLE, VIEW, SEQUENCE. Partitions and sequences of its own go with it; by CASCADE also children, views
 * that read it and foreign keys that refer to it.
 */
export function dropRelation(schema: Schema, relation: Relation, cascades: boolean): void {
  const { key } = relation;
  if (!schema.relations.delete(key)) return;
  for (const sequence of ownedSequences(schema, key)) schema.relations.delete(sequence.key);
  for (const { relation: other, constraint } of referencesTo(schema, key))
    other.constraints = other.constraints.filter((each) => each !== constraint);
  for (const each of [...schema.relations.values()]) {
    const reads = each.reads.some((read) => read.relation === key);
    if (each.partitionOf === key || (cascades && (reads || each.inherits.includes(key))))
      dropRelation(schema, each, cascades);
    if (cascades && relation.kind === 'sequence') dropDefaults(schema, each, key);
  }
}

/** DROP SEQUENCE … CASCADE leaves the column without its default. */
function dropDefaults(schema: Schema, relation: Relation, sequence: string): void {
  for (const column of relation.columns) {
    const name = /nextval\('((?:[^']|'')+)'/.exec(column.default ?? '')?.[1];
    if (name !== undefined && keysOf(schema, name).includes(sequence)) delete column.default;
  }
}
