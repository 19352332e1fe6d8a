import { keyIn, localOf, placeOf } from '../domain/sql-name.js';
import type { Relation, Schema } from './model.js';
import { ownedSequences } from './resolve.js';

/** Gives a relation another key, everywhere. */
export function moveRelation(schema: Schema, relation: Relation, to: string): void {
  const from = relation.key;
  if (from === to) return;
  schema.relations.delete(from);
  relation.key = to;
  schema.relations.set(to, relation);
  for (const each of schema.relations.values()) followRelation(each, from, to);
  if (relation.kind === 'composite') moveType(schema, from, to);
}

function followRelation(each: Relation, from: string, to: string): void {
  if (each.partitionOf === from) each.partitionOf = to;
  each.inherits = each.inherits.map((key) => (key === from ? to : key));
  for (const read of each.reads) if (read.relation === from) read.relation = to;
  for (const { references } of each.constraints) if (references?.relation === from) references.relation = to;
  if (each.sequence?.ownedBy?.relation === from) each.sequence.ownedBy.relation = to;
}

/** SET SCHEMA takes indexes and sequences of its own along. */
export function moveToSchema(schema: Schema, relation: Relation, place: string): void {
  const owned = ownedSequences(schema, relation.key);
  const before = placeOf(relation.key);
  for (const { name } of relation.indexes)
    renameIndexKey(schema, keyIn(before, name), keyIn(place, name));
  for (const each of [relation, ...owned]) moveRelation(schema, each, keyIn(place, localOf(each.key)));
}

/** Partitions know the index of the whole by its key. */
export function renameIndexKey(schema: Schema, from: string, to: string): void {
  for (const relation of schema.relations.values())
    for (const index of relation.indexes) if (index.partOf === from) index.partOf = to;
}

export function moveType(schema: Schema, from: string, to: string): void {
  const type = schema.types.get(from);
  if (!type) return;
  schema.types.delete(from);
  type.key = to;
  schema.types.set(to, type);
  for (const { base } of schema.types.values()) if (base?.name === from) base.name = to;
  for (const relation of schema.relations.values()) {
    if (relation.ofType === from) relation.ofType = to;
    for (const column of relation.columns) if (column.type.name === from) column.type.name = to;
  }
  const composite = schema.relations.get(from);
  if (composite?.kind === 'composite') moveRelation(schema, composite, to);
}

/** ALTER SCHEMA … RENAME. The search path keeps the old name. */
export function moveSchema(schema: Schema, from: string, to: string): void {
  if (!schema.schemas.delete(from)) return;
  schema.schemas.add(to);
  for (const relation of [...schema.relations.values()])
    if (placeOf(relation.key) === from) moveToSchema(schema, relation, to);
  for (const key of [...schema.types.keys()])
    if (placeOf(key) === from) moveType(schema, key, keyIn(to, localOf(key)));
  for (const [key, found] of [...schema.functions]) {
    if (placeOf(key) !== from) continue;
    schema.functions.delete(key);
    found.key = keyIn(to, localOf(key));
    schema.functions.set(found.key, found);
  }
}

/** A column under another name, with all that mentions it. */
export function renameColumn(schema: Schema, relation: Relation, from: string, to: string): void {
  const list = (names: string[]) => names.map((name) => (name === from ? to : name));
  const own = [
    ...[relation.indexes, relation.constraints, relation.triggers],
    ...[relation.policies, relation.publications],
  ].flat();
  for (const each of own) each.columns = list(each.columns);
  for (const column of relation.columns) {
    if (column.name === from) column.name = to;
    if (column.uses) column.uses = list(column.uses).sort();
  }
  for (const constraint of relation.constraints) constraint.proves = list(constraint.proves);
  for (const index of relation.indexes) index.keys = index.keys.map((key) => (key === from ? to : key));
  for (const each of schema.relations.values()) {
    for (const { references } of each.constraints)
      if (references?.relation === relation.key) references.columns = list(references.columns);
    for (const read of each.reads) if (read.relation === relation.key) read.columns = list(read.columns);
    const owner = each.sequence?.ownedBy;
    if (owner?.relation === relation.key && owner.column === from) owner.column = to;
  }
}
