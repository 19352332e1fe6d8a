import { isQualified, keyIn, partsOf, placeOf } from '../domain/sql-name.js';
import { keysOf } from './names.js';
import type { Column, ColumnType, Index, Relation, Schema, UserFunction, UserType } from './model.js';

/** What the first key has that a name may stand for, see keysOf(); asked many times a statement. */
function firstOf<Object>(
  all: ReadonlyMap<string, Object>,
  { searchPath }: Schema,
  name: string,
): Object | undefined {
  if (all.size === 0) return undefined;
  if (isQualified(name)) return all.get(name);
  if (!searchPath) return undefined;
  let found = all.get(keyIn('pg_temp', name));
  for (let at = 0; !found && at < searchPath.length; at += 1) found = all.get(keyIn(searchPath[at]!, name));
  return found;
}

/** Names are SQL as a statement has it: `orders`, `sales.orders`, `"Order"`. */
export function relationNamed(schema: Schema, name: string): Relation | undefined {
  return firstOf(schema.relations, schema, name);
}

export interface FoundIndex {
  relation: Relation;
  index: Index;
}

/** An index lies in the schema of its table. */
export function indexNamed(schema: Schema, name: string): FoundIndex | undefined {
  const indexed: Relation[] = [];
  for (const relation of schema.relations.values()) if (relation.indexes.length > 0) indexed.push(relation);
  if (indexed.length === 0) return undefined;
  for (const key of keysOf(schema, name)) {
    const [place, local] = partsOf(key);
    for (const relation of indexed)
      for (const index of relation.indexes)
        if (index.name === local && placeOf(relation.key) === place) return { relation, index };
  }
  return undefined;
}

export const indexKey = ({ relation, index }: FoundIndex): string =>
  [placeOf(relation.key), index.name].filter(Boolean).join('.');

export const columnNamed = (relation: Relation | undefined, name: string): Column | undefined =>
  relation?.columns.find((column) => column.name === name);

/** A type of the user's: the built-in ones go first, and are not in the model. */
export function typeNamed(schema: Schema, name: string): UserType | undefined {
  return firstOf(schema.types, schema, name);
}

/** All functions of that name, whatever their arguments. */
export function functionsNamed(schema: Schema, name: string): UserFunction[] {
  if (schema.functions.size === 0) return [];
  const starts = [...keysOf(schema, name), `pg_catalog.${name}`].map((key) => `${key}(`);
  return [...schema.functions.values()].filter(({ key }) => starts.some((start) => key.startsWith(start)));
}

/** Whether a value of the type must meet a condition: a domain with NOT NULL or a CHECK, at any depth. */
export function isConstrained(schema: Schema, type: ColumnType | UserType | undefined): boolean {
  const seen = new Set<string>();
  let user = type && ('key' in type ? type : schema.types.get(type.name));
  while (user && !seen.has(user.key)) {
    if (user.notNull || user.checks?.length) return true;
    seen.add(user.key);
    user = user.base && schema.types.get(user.base.name);
  }
  return false;
}

/** The type below a domain, at any depth; any other type as it is. */
export function baseOf(schema: Schema, type: ColumnType): ColumnType {
  let found = type;
  for (let depth = 0; depth < 20 && !found.isArray; depth += 1) {
    const base = schema.types.get(found.name)?.base;
    if (!base) break;
    found = base;
  }
  return found;
}

/** Whether the name is of a table, view, sequence or index that the plan has made: empty, and used by nobody. */
export const isNew = (schema: Schema, name: string): boolean =>
  (relationNamed(schema, name) ?? indexNamed(schema, name)?.relation)?.isNew ?? false;

/** Partitions and children, at any depth. */
export function descendantsOf(schema: Schema, relation: Relation): Relation[] {
  const found = [relation];
  for (const parent of found)
    for (const each of schema.relations.values())
      if ((each.partitionOf === parent.key || each.inherits.includes(parent.key)) && !found.includes(each))
        found.push(each);
  return found.slice(1);
}

/** Foreign keys of other tables, and of itself, that refer to it. */
export function referencesTo(
  schema: Schema,
  key: string,
): { relation: Relation; constraint: Relation['constraints'][number] }[] {
  return [...schema.relations.values()].flatMap((relation) =>
    relation.constraints
      .filter(({ references }) => references?.relation === key)
      .map((constraint) => ({ relation, constraint })),
  );
}

/** Sequences that go with a table, or with one of its columns. */
export const ownedSequences = (schema: Schema, key: string, column?: string): Relation[] =>
  [...schema.relations.values()].filter(
    ({ sequence }) =>
      sequence?.ownedBy?.relation === key && (column === undefined || sequence.ownedBy.column === column),
  );
