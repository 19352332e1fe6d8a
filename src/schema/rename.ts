import type { Content, ObjectType } from '../sql/ast.js';
import { dotted, identifier, nameOf, nameOfObject, read } from '../sql/ast.js';
import { forget, forgetPath } from './empty.js';
import { functionOf } from './functions.js';
import type { Relation, Schema } from './model.js';
import { keyIn, localOf, placeOf } from '../domain/sql-name.js';
import {
  moveRelation,
  moveSchema,
  moveToSchema,
  moveType,
  renameColumn,
  renameIndexKey,
} from './rename-keys.js';
import { descendantsOf, type FoundIndex, indexKey, indexNamed, relationNamed, typeNamed } from './resolve.js';

type Rename = (schema: Schema, statement: Content<'RenameStmt'>, to: string) => void;

const relation: Rename = (schema, statement, to) => {
  const name = nameOf(statement.relation);
  const found = relationNamed(schema, name);
  if (found) return moveRelation(schema, found, keyIn(placeOf(found.key), to));
  index(schema, statement, to);
};

const index: Rename = (schema, statement, to) => {
  const name = nameOf(statement.relation);
  const found = indexNamed(schema, name);
  if (found) return renameIndex(schema, found, to);
  const other = relationNamed(schema, name);
  if (other) moveRelation(schema, other, keyIn(placeOf(other.key), to));
};

/** The constraint of an index has its name. */
function renameIndex(schema: Schema, found: FoundIndex, to: string): void {
  const from = indexKey(found);
  const { constraint } = found.index;
  if (constraint) renameConstraint(found.relation, constraint, to);
  else found.index.name = to;
  renameIndexKey(schema, from, indexKey(found));
}

function renameConstraint(table: Relation, from: string, to: string): void {
  for (const each of table.constraints) if (each.name === from) each.name = to;
  for (const each of table.indexes) if (each.constraint === from) Object.assign(each, { name: to, constraint: to });
}

/** Something that a table has under a name. */
const part =
  (kind: 'triggers' | 'policies'): Rename =>
  (schema, { relation: table, subname = '' }, to) => {
    const found = relationNamed(schema, nameOf(table))?.[kind].find(({ name }) => name === identifier(subname));
    if (found) found.name = to;
  };

const column: Rename = (schema, { relation: range, subname = '' }, to) => {
  const found = relationNamed(schema, nameOf(range));
  if (!found) return;
  for (const each of [found, ...descendantsOf(schema, found)])
    renameColumn(schema, each, identifier(subname), to);
};

const type: Rename = (schema, { object }, to) => {
  const found = typeNamed(schema, nameOfObject(object));
  if (found) moveType(schema, found.key, keyIn(placeOf(found.key), to));
};

const routine: Rename = (schema, { object }, to) => {
  const found = functionOf(schema, read(object, 'ObjectWithArgs'));
  if (!found) return;
  schema.functions.delete(found.key);
  const args = found.key.slice(found.key.indexOf('('));
  found.key = keyIn(placeOf(found.key), to) + args;
  schema.functions.set(found.key, found);
};

const byKind: Partial<Record<ObjectType, Rename>> = {
  OBJECT_TABLE: relation,
  OBJECT_FOREIGN_TABLE: relation,
  OBJECT_VIEW: relation,
  OBJECT_MATVIEW: relation,
  OBJECT_SEQUENCE: relation,
  OBJECT_INDEX: index,
  OBJECT_COLUMN: column,
  OBJECT_ATTRIBUTE: column,
  OBJECT_TABCONSTRAINT: (schema, statement, to) => {
    const found = relationNamed(schema, nameOf(statement.relation));
    const from = identifier(statement.subname ?? '');
    for (const each of found ? [found, ...descendantsOf(schema, found)] : [])
      renameConstraint(each, from, to);
  },
  OBJECT_TRIGGER: part('triggers'),
  OBJECT_POLICY: part('policies'),
  OBJECT_RULE: (schema, { relation: range, subname = '' }, to) => {
    const found = relationNamed(schema, nameOf(range));
    if (found) found.rules = found.rules.map((each) => (each === identifier(subname) ? to : each));
  },
  OBJECT_TYPE: type,
  OBJECT_DOMAIN: type,
  OBJECT_DOMCONSTRAINT: (schema, { object, subname = '' }, to) => {
    const found = typeNamed(schema, nameOfObject(object));
    if (found?.checks)
      found.checks = found.checks.map((each) => (each === identifier(subname) ? to : each));
  },
  OBJECT_FUNCTION: routine,
  OBJECT_PROCEDURE: routine,
  OBJECT_ROUTINE: routine,
  OBJECT_AGGREGATE: routine,
  OBJECT_SCHEMA: (schema, { subname = '' }, to) => {
    const from = identifier(subname);
    moveSchema(schema, from, to);
    if (schema.searchPath?.some((place) => place === from || place === to))
      forgetPath(schema, 'ALTER SCHEMA … RENAME');
  },
  OBJECT_PUBLICATION: (schema, { object }, to) => {
    const from = nameOfObject(object);
    schema.publishesAll = schema.publishesAll.map((each) => (each === from ? to : each));
    for (const { publications } of schema.relations.values())
      for (const each of publications) if (each.name === from) each.name = to;
  },
};

/** Kinds that the model has nothing of. */
const unseen: readonly ObjectType[] = ['OBJECT_STATISTIC_EXT', 'OBJECT_ROLE', 'OBJECT_DATABASE', 'OBJECT_TABLESPACE'];

export function rename(schema: Schema, statement: Content<'RenameStmt'>): void {
  const { renameType = 'OBJECT_TABLE', newname = '' } = statement;
  const work = byKind[renameType];
  if (work) work(schema, statement, identifier(newname));
  else if (!unseen.includes(renameType)) forget(schema, `a renaming (${renameType})`);
}

/** ALTER … SET SCHEMA. */
export function setSchema(schema: Schema, statement: Content<'AlterObjectSchemaStmt'>): void {
  const place = identifier(statement.newschema ?? '');
  const found = relationNamed(schema, nameOf(statement.relation));
  if (statement.relation) return found && moveToSchema(schema, found, place);
  const routineFound = functionOf(schema, read(statement.object, 'ObjectWithArgs'));
  if (routineFound) {
    schema.functions.delete(routineFound.key);
    routineFound.key = keyIn(place, localOf(routineFound.key));
    schema.functions.set(routineFound.key, routineFound);
    return;
  }
  const typeFound = typeNamed(schema, dotted(read(statement.object, 'List')?.items));
  if (typeFound) return moveType(schema, typeFound.key, keyIn(place, localOf(typeFound.key)));
  if (statement.objectType === 'OBJECT_EXTENSION') forget(schema, 'ALTER EXTENSION … SET SCHEMA');
}
