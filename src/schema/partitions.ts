import type { Content, Node } from '../sql/ast.js';
import { nameOf, read } from '../sql/ast.js';
import { inheritNotNull } from './inherit.js';
import { addPart } from './index-parts.js';
import { columnNamed, relationNamed } from './resolve.js';
import type { Relation, Schema, TableConstraint } from './model.js';
import { isConstraintTaken, tableName } from './taken.js';
import { chosenName } from './names.js';

/** The indexes, keys and foreign keys of the partitioned table that a partition must have. */
export function adoptAsPartition(schema: Schema, parent: Relation, partition: Relation): void {
  for (const column of parent.columns)
    if (column.notNull && columnNamed(partition, column.name))
      inheritNotNull(schema, parent, partition, column.name);
  for (const index of parent.indexes) addPart(schema, { relation: parent, index }, partition);
  for (const constraint of parent.constraints)
    if (constraint.kind === 'foreign key') addForeignKeyPart(schema, constraint, partition);
}

/** A foreign key that says the same is taken; else one is made, under the same name where that is free. */
export function addForeignKeyPart(schema: Schema, whole: TableConstraint, partition: Relation): void {
  const same = partition.constraints.some(
    (each) =>
      each.kind === 'foreign key' &&
      each.columns.join() === whole.columns.join() &&
      each.references?.relation === whole.references?.relation,
  );
  if (!same) {
    const isFree = !partition.constraints.some(({ name }) => name === whole.name);
    const name = isFree
      ? whole.name
      : chosenName(tableName(partition), whole.columns, 'fkey', (each) =>
          isConstraintTaken(schema, partition, each),
        );
    partition.constraints.push({ ...whole, name });
  }
  for (const each of schema.relations.values())
    if (each.partitionOf === partition.key) addForeignKeyPart(schema, whole, each);
}

/** ATTACH PARTITION. What belongs to an old table is no longer new. */
export function attachPartition(schema: Schema, parentName: string, def: Node | undefined): void {
  const command = read(def, 'PartitionCmd');
  const partition = relationNamed(schema, nameOf(command?.name));
  if (!partition) return;
  const parent = relationNamed(schema, parentName);
  partition.partitionOf = parent?.key ?? parentName;
  partition.isNew &&= parent?.isNew ?? false;
  if (command?.bound?.is_default) partition.isDefaultPartition = true;
  if (parent) adoptAsPartition(schema, parent, partition);
}

export function detachPartition(schema: Schema, def: Node | undefined): void {
  const partition = relationNamed(schema, nameOf(read(def, 'PartitionCmd')?.name));
  if (!partition) return;
  delete partition.partitionOf;
  delete partition.isDefaultPartition;
  for (const index of partition.indexes) delete index.partOf;
}

/** INHERIT and NO INHERIT. */
export function changeParents(
  schema: Schema,
  child: Relation,
  parent: Content<'RangeVar'> | undefined,
  adds: boolean,
): void {
  const known = relationNamed(schema, nameOf(parent));
  const key = known?.key ?? nameOf(parent);
  child.inherits = child.inherits.filter((each) => each !== key);
  if (!adds) return;
  child.inherits.push(key);
  child.isNew &&= known?.isNew ?? false;
}
