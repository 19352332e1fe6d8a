import type { Constraint, Content, Node } from '../sql/ast.js';
import { nameOf, read, readAll } from '../sql/ast.js';
import { addColumn, constraintsOf } from './columns.js';
import { columnTypeOf } from './column-type.js';
import { addConstraint, type Written } from './constraints.js';
import { copyLike } from './copy-like.js';
import { emptyRelation } from './empty.js';
import { inherit } from './inherit.js';
import type { Relation, Schema } from './model.js';
import { newRelationKey } from './names.js';
import { adoptAsPartition } from './partitions.js';
import { relationNamed } from './resolve.js';

/** CREATE TABLE in all its forms. What IF NOT EXISTS may find is not new; without a catalog nobody knows. */
export function createTable(schema: Schema, statement: Content<'CreateStmt'>, foreign = false): void {
  const key = newRelationKey(schema, statement.relation);
  if (!key) return;
  const exists = schema.relations.has(key);
  if (statement.if_not_exists && (exists || schema.source === 'none')) return;
  const kind = statement.partspec ? 'partitioned table' : foreign ? 'foreign table' : 'table';
  const relation = emptyRelation(key, kind);
  relation.unlogged = statement.relation?.relpersistence === 'u';
  schema.relations.set(key, relation);
  takeFromParents(schema, relation, statement);
  const type = statement.ofTypename;
  if (type) copyType(schema, relation, columnTypeOf(schema, type).name);
  addElements(schema, relation, [...(statement.tableElts ?? []), ...(statement.constraints ?? [])]);
  if (statement.partbound) finishPartition(schema, relation, statement);
}

function takeFromParents(schema: Schema, relation: Relation, statement: Content<'CreateStmt'>): void {
  for (const parent of readAll(statement.inhRelations, 'RangeVar').map(nameOf)) {
    const known = relationNamed(schema, parent);
    // What rows of an old table are read for may be in it from now on.
    relation.isNew &&= known?.isNew ?? false;
    if (statement.partbound) relation.partitionOf = known?.key ?? parent;
    else relation.inherits.push(known?.key ?? parent);
    if (known) inherit(schema, known, relation);
    else relation.columnsUnknown = true;
  }
}

function finishPartition(schema: Schema, relation: Relation, { partbound }: Content<'CreateStmt'>): void {
  if (partbound?.is_default) relation.isDefaultPartition = true;
  const parent = relation.partitionOf === undefined ? undefined : schema.relations.get(relation.partitionOf);
  if (parent) adoptAsPartition(schema, parent, relation);
}

function copyType(schema: Schema, relation: Relation, type: string): void {
  relation.ofType = type;
  const known = schema.relations.get(type);
  if (known) relation.columns.push(...known.columns.map((column) => ({ ...column })));
  else relation.columnsUnknown = true;
}

/** Names are chosen in PostgreSQL's order: checks, then keys (the primary one first), then foreign keys. */
const order = (contype: Constraint['contype']): number =>
  ['CONSTR_CHECK', 'CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_UNIQUE', 'CONSTR_EXCLUSION'].indexOf(
    contype ?? '',
  ) >>> 0;

function addElements(schema: Schema, relation: Relation, elements: readonly Node[]): void {
  const written: { constraint: Constraint; at: Written }[] = [];
  const likes = readAll(elements, 'TableLikeClause');
  for (const element of elements) {
    const definition = read(element, 'ColumnDef');
    if (definition) {
      const column = addColumn(schema, relation, definition).name;
      for (const constraint of constraintsOf(definition))
        written.push({ constraint, at: { column, withTable: true } });
    }
    const constraint = read(element, 'Constraint');
    if (constraint) written.push({ constraint, at: { withTable: true } });
    const like = read(element, 'TableLikeClause');
    if (like) copyLike(schema, relation, like, 'columns');
  }
  written.sort((a, b) => order(a.constraint.contype) - order(b.constraint.contype));
  for (const { constraint, at } of written) addConstraint(schema, relation, constraint, at);
  for (const like of likes) copyLike(schema, relation, like, 'rest');
}
