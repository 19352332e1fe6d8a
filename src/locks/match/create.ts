import type { Schema } from '../../schema/model.js';
import { columnTypeOf } from '../../schema/column-type.js';
import { newRelationKey } from '../../schema/names.js';
import { relationNamed } from '../../schema/resolve.js';
import type { Constraint, Content, Node } from '../../sql/ast.js';
import { nameOf, read, readAll } from '../../sql/ast.js';
import type { Actor } from '../actors.js';
import { heirsOf, indexesOf, isKnown, named, referencedBy } from '../actors.js';
import { matched, type Match } from '../match.js';
import { defaultOf, referencedByParent, referencingParent } from './partitions.js';
import { queryActors } from './query.js';

/** CREATE TABLE: the new one keeps nobody waiting, those that it refers to do. */
export function createTableMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'CreateStmt') ?? read(node, 'CreateForeignTableStmt')?.base;
  if (!statement) return [];
  const name = nameOf(statement.relation);
  if (statement.if_not_exists && relationNamed(schema, name)) return [matched('create table', {})];
  const referenced = referencedTables(schema, statement, name);
  const parents = readAll(statement.inhRelations, 'RangeVar').map(nameOf);
  if (statement.partbound)
    return [createPartition(schema, parents[0] ?? '', referenced, Boolean(statement.partbound.is_default))];
  return [
    matched('create table', {
      referenced,
      parent: parents.map((parent) => named(schema, parent)),
      read: readAll(statement.tableElts, 'TableLikeClause').map(({ relation }) =>
        named(schema, nameOf(relation)),
      ),
      type: statement.ofTypename ? [named(schema, columnTypeOf(schema, statement.ofTypename).name)] : [],
    }),
  ];
}

function createPartition(
  schema: Schema,
  parentName: string,
  own: readonly Actor[],
  isDefault: boolean,
): Match {
  const parent = relationNamed(schema, parentName);
  const unsure = isKnown(schema, parentName)
    ? []
    : [
        `a default partition of ${parentName} would be read under its lock, and tables that its foreign keys reference be locked`,
      ];
  return matched(
    'create partition',
    {
      parent: [named(schema, parentName)],
      default: isDefault ? [] : defaultOf(schema, parent),
      parentIndexes: indexesOf(parent ? [parent] : []),
      referenced: [...own, ...referencedByParent(schema, parent)],
      referencing: referencingParent(schema, parent),
    },
    { unsure },
  );
}

/** Each foreign key of a new table puts a trigger on the other table. */
function referencedTables(schema: Schema, statement: Content<'CreateStmt'>, name: string): Actor[] {
  const columns = readAll(statement.tableElts, 'ColumnDef').flatMap(({ constraints }) =>
    readAll(constraints, 'Constraint'),
  );
  const all: Constraint[] = [
    ...columns,
    ...readAll(statement.tableElts, 'Constraint'),
    ...readAll(statement.constraints, 'Constraint'),
  ];
  const key = newRelationKey(schema, statement.relation);
  return all.flatMap(({ contype, pktable }) => {
    const other = nameOf(pktable);
    if (contype !== 'CONSTR_FOREIGN' || other === name || other === key) return [];
    const relation = relationNamed(schema, other);
    return relation
      ? [named(schema, other), ...referencedBy(schema, other, name).slice(1)]
      : [named(schema, other)];
  });
}

/** CREATE SCHEMA with what is made in it. */
export const createSchemaMatches = (
  node: Node,
  schema: Schema,
  matchesOf: (node: Node, schema: Schema) => Match[],
): Match[] => [
  matched('outside of any table', {}),
  ...(read(node, 'CreateSchemaStmt')?.schemaElts ?? []).flatMap((each) => matchesOf(each, schema)),
];

/** CREATE TABLE AS, CREATE MATERIALIZED VIEW, SELECT INTO. */
export function createAsMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'CreateTableAsStmt');
  const target = nameOf(statement?.into?.rel);
  if (statement?.if_not_exists && relationNamed(schema, target)) return [matched('create from query', {})];
  return [matched('create from query', { read: queryActors(statement?.query, schema).read })];
}

export function viewMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'ViewStmt');
  const name = nameOf(statement?.view);
  const { read: reads } = queryActors(statement?.query, schema, 'as named');
  const exists = relationNamed(schema, name) !== undefined || !isKnown(schema, name);
  return statement?.replace && exists
    ? [matched('replace view', { view: [named(schema, name, 'view')], read: reads })]
    : [matched('create view', { read: reads })];
}

export function refreshMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'RefreshMatViewStmt');
  const name = nameOf(statement?.relation);
  const view = relationNamed(schema, name);
  const actors = {
    view: [named(schema, name)],
    indexes: indexesOf(view ? [view] : []),
    read: (view?.reads ?? []).flatMap(({ relation }) => withBelow(schema, relation)),
  };
  if (statement?.skipData)
    return [matched('refresh materialized view with no data', { ...actors, read: [] })];
  return [
    matched(
      statement?.concurrent ? 'refresh materialized view concurrently' : 'refresh materialized view',
      actors,
    ),
  ];
}

const withBelow = (schema: Schema, name: string): Actor[] => [
  named(schema, name),
  ...heirsOf(schema, relationNamed(schema, name)).map(({ key }) => named(schema, key)),
];
