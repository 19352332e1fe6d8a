import type { Relation, RelationKind, Schema, UserType } from './model.js';

/** Nothing is known but what statements will make. The path is not known, and taken to stay as it is. */
export const emptySchema = (postgres?: number): Schema => ({
  source: 'none',
  ...(postgres === undefined ? {} : { postgres }),
  searchPath: [''],
  schemas: new Set(['']),
  relations: new Map(),
  types: new Map(),
  functions: new Map(),
  publishesAll: [],
});

export const emptyRelation = (key: string, kind: RelationKind): Relation => ({
  key,
  kind,
  isNew: true,
  columns: [],
  constraints: [],
  indexes: [],
  inherits: [],
  triggers: [],
  policies: [],
  rules: [],
  rowSecurity: 'off',
  forcesRowSecurity: false,
  publications: [],
  replicaIdentity: 'default',
  unlogged: false,
  grantees: [],
  reads: [],
});

export const emptyType = (key: string, kind: UserType['kind']): UserType => ({
  key,
  kind,
  isNew: true,
  labels: [],
  uncommittedLabels: [],
});

/**
 * Forgets all: after a statement of which nobody knows what it did, what the model says may be wrong, and a
 * model that says nothing makes every verdict the careful one.
 *
 * @param why - the statement, in words that follow "after"
 */
export function forget(schema: Schema, why: string): void {
  schema.source = 'none';
  schema.forgotten ??= why;
  schema.relations.clear();
  schema.types.clear();
  schema.functions.clear();
  schema.publishesAll = [];
}

/** A name without a schema may mean another object from now on. */
export function forgetPath(schema: Schema, why: string): void {
  forget(schema, why);
  schema.searchPath = null;
}
