import type { Index, Relation, Schema, TableConstraint } from './model.js';
import { dropNotNull } from './constraints.js';
import { dropRelation } from './drop-relation.js';
import { indexKey, ownedSequences, referencesTo } from './resolve.js';

/** DROP COLUMN: with it go the indexes, constraints and sequences that it is part of; by CASCADE also views. */
export function dropColumn(schema: Schema, relation: Relation, name: string, cascades: boolean): void {
  const { key } = relation;
  const has = ({ columns }: { columns: string[] }) => columns.includes(name);
  relation.columns = relation.columns.filter((column) => column.name !== name);
  for (const index of relation.indexes.filter(has)) dropIndex(schema, relation, index);
  relation.constraints = relation.constraints.filter((each) => !has(each));
  for (const sequence of ownedSequences(schema, key, name)) schema.relations.delete(sequence.key);
  for (const { relation: other, constraint } of referencesTo(schema, key))
    if (constraint.references?.columns.includes(name)) drop(other, constraint);
  if (cascades) dropUsersOf(schema, relation, name);
}

function dropUsersOf(schema: Schema, relation: Relation, name: string): void {
  const has = ({ columns }: { columns: string[] }) => columns.includes(name);
  relation.policies = relation.policies.filter((policy) => !has(policy));
  relation.triggers = relation.triggers.filter((trigger) => !has(trigger));
  for (const each of [...schema.relations.values()])
    if (each.reads.some((read) => read.relation === relation.key && has(read)))
      dropRelation(schema, each, true);
}

function drop(relation: Relation, constraint: TableConstraint): void {
  relation.constraints = relation.constraints.filter((each) => each !== constraint);
}

/** An index with those of the partitions. */
export function dropIndex(schema: Schema, relation: Relation, index: Index): void {
  const key = indexKey({ relation, index });
  relation.indexes = relation.indexes.filter((each) => each !== index);
  if (index.constraint)
    relation.constraints = relation.constraints.filter(
      ({ name, kind }) => name !== index.constraint || kind === 'not null',
    );
  for (const each of schema.relations.values())
    for (const part of each.indexes.filter(({ partOf }) => partOf === key)) dropIndex(schema, each, part);
}

/** DROP CONSTRAINT, below it too; by CASCADE also the foreign keys that rest on it. */
export function dropConstraint(
  schema: Schema,
  relation: Relation,
  below: readonly Relation[],
  name: string,
  cascades: boolean,
): void {
  const found = relation.constraints.find((each) => each.name === name);
  if (!found) return;
  if (found.kind === 'not null') {
    for (const each of [relation, ...below]) dropNotNull(each, found.columns[0] ?? '');
    return;
  }
  const index = relation.indexes.find(({ constraint }) => constraint === name);
  if (index) dropIndex(schema, relation, index);
  drop(relation, found);
  for (const each of below) dropSame(each, found);
  if (cascades && index)
    for (const { relation: other, constraint } of referencesTo(schema, relation.key))
      if (sameColumns(constraint.references?.columns ?? [], found.columns)) drop(other, constraint);
}

function dropSame(relation: Relation, found: TableConstraint): void {
  const same = relation.constraints.find(
    ({ kind, name, columns, references }) =>
      kind === found.kind &&
      (kind === 'check'
        ? name === found.name
        : kind === 'foreign key' &&
          columns.join() === found.columns.join() &&
          references?.relation === found.references?.relation),
  );
  if (same) drop(relation, same);
}

const sameColumns = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join() === [...b].sort().join();
