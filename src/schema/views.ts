import type { Content, RangeVar } from '../sql/ast.js';
import { emptyRelation } from './empty.js';
import type { RelationKind, Schema } from './model.js';
import { newRelationKey } from './names.js';
import { readsOf } from './reads.js';

/** A view that OR REPLACE found stays what it was, and reads something else. */
export function createView(schema: Schema, statement: Content<'ViewStmt'>): void {
  const key = newRelationKey(schema, statement.view);
  if (!key) return;
  const known = schema.relations.get(key);
  const relation = known ?? emptyRelation(key, 'view');
  if (statement.replace && !known && schema.source === 'none') relation.isNew = false;
  relation.reads = readsOf(schema, statement.query);
  relation.columnsUnknown = true;
  schema.relations.set(key, relation);
}

/** CREATE TABLE AS, SELECT INTO, CREATE MATERIALIZED VIEW: what its columns are, only the server knows. */
export function createAs(schema: Schema, statement: Content<'CreateTableAsStmt'>): void {
  const isView = statement.objtype === 'OBJECT_MATVIEW';
  const kind = isView ? 'materialized view' : 'table';
  const made = make(schema, statement.into?.rel, kind, statement.if_not_exists ?? false);
  if (made && isView) made.reads = readsOf(schema, statement.query);
}

export function make(
  schema: Schema,
  range: RangeVar | undefined,
  kind: RelationKind,
  ifNotExists: boolean,
): ReturnType<typeof emptyRelation> | undefined {
  const key = newRelationKey(schema, range);
  if (!key || (ifNotExists && (schema.source === 'none' || schema.relations.has(key)))) return undefined;
  const relation = emptyRelation(key, kind);
  relation.columnsUnknown = true;
  relation.unlogged = kind === 'table' && range?.relpersistence === 'u';
  schema.relations.set(key, relation);
  return relation;
}
