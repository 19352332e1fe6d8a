import { inCatalog } from '../domain/sql-name.js';
import type { Column, Relation, Schema } from './model.js';
import { columnNamed } from './resolve.js';
import { setNotNull } from './constraints.js';

const IDENTITY_OF_PARTITIONS_SINCE = 17;

/** What a child or partition gets from its parent while it is made: columns, NOT NULL, checks. */
export function inherit(schema: Schema, parent: Relation, child: Relation): void {
  if (parent.columnsUnknown) child.columnsUnknown = true;
  const keepsIdentity =
    child.partitionOf !== undefined && (schema.postgres ?? 0) >= IDENTITY_OF_PARTITIONS_SINCE;
  for (const column of parent.columns) inheritColumn(schema, parent, child, column, keepsIdentity);
  for (const constraint of parent.constraints) {
    const known = child.constraints.some(({ name }) => name === constraint.name);
    if (constraint.kind === 'check' && !constraint.noInherit && !known)
      child.constraints.push({ ...constraint, validated: constraint.enforced });
  }
}

export function inheritColumn(
  schema: Schema,
  parent: Relation,
  child: Relation,
  { identity, ...column }: Column,
  keepsIdentity = false,
): void {
  const kept = identity && keepsIdentity ? { identity } : {};
  if (!columnNamed(child, column.name)) child.columns.push({ ...structuredClone(column), ...kept, notNull: false });
  if (column.notNull) inheritNotNull(schema, parent, child, column.name);
}

/** Since version 18 it is a constraint, which keeps its name. */
export function inheritNotNull(schema: Schema, parent: Relation, child: Relation, column: string): void {
  const named = parent.constraints.find(({ kind, columns }) => kind === 'not null' && columns[0] === column);
  setNotNull(schema, child, column, named && inCatalog(named.name));
}
