import type { Constraint, Content, Node } from '../sql/ast.js';
import { identifier, nameOf, read, readAll } from '../sql/ast.js';
import { namesOf, setNotNull, type Written } from './constraints.js';
import { columnsIn, nameOfExpression } from './expression.js';
import { addToPartitions } from './index-parts.js';
import type { Index, Relation, Schema, TableConstraint } from './model.js';
import { placeOf } from '../domain/sql-name.js';
import { chosenName } from './names.js';
import { indexNamed, relationNamed } from './resolve.js';
import { isTaken, tableName } from './taken.js';

export function createIndex(schema: Schema, statement: Content<'IndexStmt'>): void {
  const relation = relationNamed(schema, nameOf(statement.relation));
  if (!relation) return;
  const given = statement.idxname && identifier(statement.idxname);
  // With IF NOT EXISTS whatever has the name counts: an index of another table, a table.
  if (given && statement.if_not_exists && isTaken(schema, placeOf(relation.key), given, false)) return;
  const elements = readAll(statement.indexParams, 'IndexElem');
  const parts = elements.map((each) =>
    each.name === undefined ? nameOfExpression(each.expr) : identifier(each.name),
  );
  const including = readAll(statement.indexIncludingParams, 'IndexElem').map(({ name = '' }) => identifier(name));
  const index: Index = {
    name:
      given ??
      chosenName(tableName(relation), numbered([...parts, ...including]), 'idx', (name) =>
        isTaken(schema, placeOf(relation.key), name, false),
      ),
    ...keysOfElements(elements, including, statement.whereClause),
    unique: statement.unique ?? false,
    valid: true,
    isPartial: statement.whereClause !== undefined,
  };
  relation.indexes.push(index);
  addToPartitions(schema, { relation, index }, statement.relation?.inh ?? false);
}

type Element = Content<'IndexElem'>;

function keysOfElements(
  elements: readonly Element[],
  including: readonly string[],
  condition: Node | undefined,
): Pick<Index, 'keys' | 'columns'> {
  const keys = elements.map(({ name }) => (name === undefined ? null : identifier(name)));
  const expressions = elements.map(({ expr }) => expr);
  const plain = keys.flatMap((key) => key ?? []);
  const columns = [...plain, ...including, ...columnsIn([expressions, condition])];
  return { keys, columns: [...new Set(columns)] };
}

/** ChooseIndexColumnNames(): one that comes twice gets a number. */
function numbered(parts: readonly string[]): string[] {
  const all: string[] = [];
  for (const part of parts) {
    let name = part;
    for (let number = 1; all.includes(name); number += 1) name = `${part}${number}`;
    all.push(name);
  }
  return all;
}

const kinds = {
  CONSTR_PRIMARY: 'primary key',
  CONSTR_UNIQUE: 'unique',
  CONSTR_EXCLUSION: 'exclude',
} as const;
const labels = { 'primary key': 'pkey', unique: 'key', exclude: 'excl' } as const;
type IndexKind = keyof typeof labels;

/** PRIMARY KEY, UNIQUE and EXCLUDE, by an index of their own or one that is there. */
export function addIndexOf(
  schema: Schema,
  relation: Relation,
  constraint: Constraint,
  { column, only = false }: Written,
): void {
  const kind = kinds[constraint.contype as keyof typeof kinds];
  if (constraint.indexname) return adopt(schema, relation, constraint, kind);
  const elements = readAll(constraint.exclusions, 'List').flatMap(({ items }) => readAll(items, 'IndexElem'));
  const including = namesOf(constraint.including);
  const keys = column ? [column] : namesOf(constraint.keys);
  const index: Index = {
    ...(kind === 'exclude'
      ? keysOfElements(elements, including, constraint.where_clause)
      : { keys, columns: [...new Set([...keys, ...including])] }),
    name: constraint.conname
      ? identifier(constraint.conname)
      : indexNameFor(schema, relation, kind, [...keys, ...elementNames(elements), ...including]),
    unique: kind !== 'exclude',
    valid: true,
    isPartial: constraint.where_clause !== undefined,
  };
  index.constraint = index.name;
  relation.indexes.push(index);
  addConstraintOf(schema, relation, index, kind);
  addToPartitions(schema, { relation, index }, !only);
}

const elementNames = (elements: readonly Element[]): string[] =>
  elements.map(({ name, expr }) => (name === undefined ? nameOfExpression(expr) : identifier(name)));

/** The name that PostgreSQL chooses for the index of a constraint, and so for the constraint. */
export const indexNameFor = (
  schema: Schema,
  relation: Relation,
  kind: IndexKind | undefined,
  parts: readonly string[],
): string =>
  chosenName(
    tableName(relation),
    kind === 'primary key' ? [] : numbered(parts),
    kind ? labels[kind] : 'idx',
    (name) => isTaken(schema, placeOf(relation.key), name, kind !== undefined),
  );

/** The constraint that an index stands for. A primary key makes its columns NOT NULL. */
export function addConstraintOf(schema: Schema, relation: Relation, index: Index, kind: IndexKind): void {
  const plain = index.keys.flatMap((key) => key ?? []);
  const added: TableConstraint = {
    name: index.name,
    kind,
    columns: plain,
    ...{ validated: true, enforced: true, proves: [] },
  };
  if (kind === 'primary key') for (const name of plain) setNotNull(schema, relation, name);
  relation.constraints.push(added);
}

/** … USING INDEX: the index takes the constraint's name. */
function adopt(schema: Schema, relation: Relation, constraint: Constraint, kind: IndexKind): void {
  const name = identifier(constraint.indexname ?? '');
  const index = relation.indexes.find((each) => each.name === name);
  if (!index) return;
  if (constraint.conname) index.name = identifier(constraint.conname);
  index.constraint = index.name;
  addConstraintOf(schema, relation, index, kind);
}

/** ALTER INDEX … ATTACH PARTITION: once all partitions have theirs, the whole is valid. */
export function attachIndex(schema: Schema, name: string, part: Node | undefined): void {
  const whole = indexNamed(schema, name);
  const child = indexNamed(schema, nameOf(read(part, 'PartitionCmd')?.name));
  if (!whole || !child) return;
  const key = [placeOf(whole.relation.key), whole.index.name].filter(Boolean).join('.');
  child.index.partOf = key;
  const partitions = [...schema.relations.values()].filter(
    ({ partitionOf }) => partitionOf === whole.relation.key,
  );
  whole.index.valid = partitions.every(({ indexes }) =>
    indexes.some(({ partOf, valid }) => partOf === key && valid),
  );
}
