import type { Content, Node, ObjectType } from '../sql/ast.js';
import { dotted, identifier, nameOfObject, read, tableOfObject } from '../sql/ast.js';
import { typeName } from '../sql/types.js';
import { dropColumn, dropIndex } from './drop-parts.js';
import { dropRelation } from './drop-relation.js';
import { forget } from './empty.js';
import { dropFunction } from './functions.js';
import { placeOf } from '../domain/sql-name.js';
import type { Relation, Schema } from './model.js';
import { columnNamed, indexNamed, relationNamed, typeNamed } from './resolve.js';

type Drop = (schema: Schema, object: Node, cascades: boolean) => void;

const relation: Drop = (schema, object, cascades) => {
  const found = relationNamed(schema, nameOfObject(object));
  if (found) dropRelation(schema, found, cascades);
};

/** Something that a table has: a trigger, a policy, a rule. */
const part =
  (remove: (table: Relation, name: string) => void): Drop =>
  (schema, object) => {
    const table = relationNamed(schema, tableOfObject(object));
    const name = dotted(read(object, 'List')?.items?.slice(-1));
    if (table) remove(table, name);
  };

const byKind: Partial<Record<ObjectType, Drop>> = {
  OBJECT_TABLE: relation,
  OBJECT_FOREIGN_TABLE: relation,
  OBJECT_VIEW: relation,
  OBJECT_MATVIEW: relation,
  OBJECT_SEQUENCE: relation,
  OBJECT_INDEX: (schema, object) => {
    const found = indexNamed(schema, nameOfObject(object));
    if (found) dropIndex(schema, found.relation, found.index);
  },
  OBJECT_TYPE: dropType,
  OBJECT_DOMAIN: dropType,
  OBJECT_SCHEMA: dropSchema,
  OBJECT_FUNCTION: dropFunction,
  OBJECT_PROCEDURE: dropFunction,
  OBJECT_ROUTINE: dropFunction,
  OBJECT_AGGREGATE: dropFunction,
  OBJECT_TRIGGER: part((table, name) => {
    table.triggers = table.triggers.filter((each) => each.name !== name);
  }),
  OBJECT_POLICY: part((table, name) => {
    table.policies = table.policies.filter((each) => each.name !== name);
  }),
  OBJECT_RULE: part((table, name) => {
    table.rules = table.rules.filter((each) => each !== name);
  }),
  OBJECT_PUBLICATION: (schema, object) => {
    const name = nameOfObject(object);
    schema.publishesAll = schema.publishesAll.filter((each) => each !== name);
    for (const each of schema.relations.values())
      each.publications = each.publications.filter((one) => one.name !== name);
  },
};

/** Objects of which the model has nothing, unless CASCADE takes others with them. */
const unseen: readonly ObjectType[] = [
  ...(['OBJECT_STATISTIC_EXT', 'OBJECT_COLLATION', 'OBJECT_CAST', 'OBJECT_OPERATOR'] as const),
  ...(['OBJECT_EVENT_TRIGGER', 'OBJECT_FDW', 'OBJECT_FOREIGN_SERVER', 'OBJECT_TSCONFIGURATION'] as const),
  ...(['OBJECT_TSDICTIONARY', 'OBJECT_CONVERSION', 'OBJECT_LANGUAGE', 'OBJECT_OPCLASS'] as const),
];

export function dropObjects(schema: Schema, statement: Content<'DropStmt'>): void {
  const { removeType = 'OBJECT_TABLE', objects = [] } = statement;
  const cascades = statement.behavior === 'DROP_CASCADE';
  const drop = byKind[removeType];
  if (drop) for (const object of objects) drop(schema, object, cascades);
  else if (cascades || !unseen.includes(removeType)) forget(schema, `DROP of ${removeType}`);
}

/** By CASCADE the columns of that type go too, and the domains over it. */
function dropType(schema: Schema, object: Node, cascades: boolean): void {
  const name = typeName(read(object, 'TypeName')) || nameOfObject(object);
  const type = typeNamed(schema, name);
  if (!type) return;
  schema.types.delete(type.key);
  if (schema.relations.get(type.key)?.kind === 'composite') schema.relations.delete(type.key);
  if (!cascades) return;
  for (const each of [...schema.relations.values()])
    for (const column of each.columns.filter((one) => one.type.name === type.key))
      if (columnNamed(each, column.name)) dropColumn(schema, each, column.name, true);
  for (const each of [...schema.types.values()])
    if (each.base?.name === type.key)
      dropType(schema, { TypeName: { names: partsAsNodes(each.key) } }, true);
}

const partsAsNodes = (key: string): Node[] =>
  key.split('.').map((sval) => ({ String: { sval: sval.replace(/^"|"$/g, '') } }));

function dropSchema(schema: Schema, object: Node): void {
  const place = identifier(read(object, 'String')?.sval ?? '');
  schema.schemas.delete(place);
  for (const each of [...schema.relations.values()])
    if (placeOf(each.key) === place) dropRelation(schema, each, true);
  for (const map of [schema.types, schema.functions])
    for (const key of [...map.keys()]) if (placeOf(key) === place) map.delete(key);
}
