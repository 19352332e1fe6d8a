import { localOf, placeOf } from '../domain/sql-name.js';
import type { Relation, Schema } from './model.js';

/** Names of relations and indexes are taken for both, and for the constraints that own an index. */
export function isTaken(schema: Schema, place: string, name: string, forConstraint: boolean): boolean {
  if (schema.relations.has(place ? `${place}.${name}` : name)) return true;
  for (const relation of schema.relations.values()) {
    if (placeOf(relation.key) !== place) continue;
    if (relation.indexes.some((index) => index.name === name)) return true;
    if (forConstraint && relation.constraints.some((each) => each.name === name)) return true;
  }
  return false;
}

/** ChooseConstraintName(): no constraint of any table of the schema may have it. */
export const isConstraintTaken = (schema: Schema, relation: Relation, name: string): boolean => {
  const place = placeOf(relation.key);
  const isOf = (each: Relation) =>
    each.constraints.some((constraint) => constraint.name === name) && placeOf(each.key) === place;
  if (isOf(relation)) return true;
  for (const each of schema.relations.values()) if (isOf(each)) return true;
  return false;
};

export const tableName = (relation: Relation): string => localOf(relation.key);
