import type { Schema } from '../../schema/model.js';
import { relationNamed } from '../../schema/resolve.js';
import type { Content, Node, RangeVar } from '../../sql/ast.js';
import { inside, kindOf, nameOf, read, readAll } from '../../sql/ast.js';
import type { Actor } from '../actors.js';
import { actorOf, heirActors, named, ownForeignKeys, referencingActors } from '../actors.js';
import { matched, type Match } from '../match.js';

interface QueryActors {
  read: Actor[];
  locked: Actor[];
  written: Actor[];
  heirs: Actor[];
  parent: Actor[];
  checked: Actor[];
}

type Write = Content<'InsertStmt'> | Content<'UpdateStmt'> | Content<'DeleteStmt'> | Content<'MergeStmt'>;

/**
 * Who is involved in a query of any kind. What foreign keys check row by row is told where the schema knows it.
 *
 * @param views - `as named`: a new view looks no further than the views that it names
 */
export function queryActors(
  query: Node | undefined,
  schema: Schema,
  views: 'as named' | 'looked through' = 'looked through',
): QueryActors {
  const nodes = [...inside(query)];
  const writes = nodes.flatMap((node) => writeOf(node) ?? []);
  const written = writes.flatMap(({ relation }) => (relation ? [named(schema, nameOf(relation))] : []));
  const targets = new Set<RangeVar | undefined>(writes.map(({ relation }) => relation));
  const own = new Set(nodes.flatMap((node) => read(node, 'CommonTableExpr')?.ctename ?? []));
  const ranges = nodes.flatMap((node) => read(node, 'RangeVar') ?? []);
  const sources = ranges.filter(
    (range) =>
      !targets.has(range) && !isOfSystem(range) && (range.schemaname || !own.has(range.relname ?? '')),
  );
  const reads = sources.flatMap((range) =>
    views === 'as named' ? [named(schema, nameOf(range))] : looked(schema, nameOf(range)),
  );
  const lockedNames = namesLocked(nodes);
  const isLocked = ({ name }: Actor) => lockedNames === 'all' || lockedNames.includes(name);
  return {
    read: reads.filter((actor) => !isLocked(actor)),
    parent: nodes.flatMap((node) => rootOf(node, schema)),
    locked: reads.filter(isLocked),
    written,
    heirs: written.flatMap(({ name }) => heirActors(schema, relationNamed(schema, name))),
    checked: nodes.flatMap((node) => checkedBy(node, schema)),
  };
}

/** Catalogs are read by every statement, and locked by nobody for long. */
const isOfSystem = ({ schemaname, relname = '' }: RangeVar): boolean =>
  schemaname ? ['pg_catalog', 'information_schema'].includes(schemaname) : relname.startsWith('pg_');

/** Rows of a partition that is named itself are held against what its parent says of it. */
function rootOf(node: Node, schema: Schema): Actor[] {
  const partition = relationNamed(schema, nameOf(writeOf(node)?.relation));
  const parent = schema.relations.get(partition?.partitionOf ?? '');
  return parent ? [actorOf(parent, `${partition?.key} is a partition of it`)] : [];
}

const writeOf = (node: Node): Write | undefined =>
  read(node, 'InsertStmt') ?? read(node, 'UpdateStmt') ?? read(node, 'DeleteStmt') ?? read(node, 'MergeStmt');

/** FOR UPDATE, NO KEY UPDATE, SHARE and KEY SHARE take the same lock on the table. */
function namesLocked(nodes: readonly Node[]): readonly string[] | 'all' {
  const clauses = nodes.flatMap((node) => readAll(read(node, 'SelectStmt')?.lockingClause, 'LockingClause'));
  if (clauses.some(({ lockedRels }) => !lockedRels?.length)) return 'all';
  return clauses.flatMap(({ lockedRels }) => readAll(lockedRels, 'RangeVar').map(nameOf));
}

/** A relation that a query reads, its partitions, and what views read in turn. */
function looked(schema: Schema, name: string, depth = 0): Actor[] {
  const relation = relationNamed(schema, name);
  if (!relation || depth > 20) return [named(schema, name)];
  const below =
    relation.kind === 'view'
      ? relation.reads.flatMap((each) => looked(schema, each.relation, depth + 1))
      : [];
  return [named(schema, name), ...heirActors(schema, relation), ...below];
}

/** Tables whose rows a foreign key looks up: what a new row refers to, and what may refer to one that goes. */
function checkedBy(node: Node, schema: Schema): Actor[] {
  const write = writeOf(node);
  const relation = relationNamed(schema, nameOf(write?.relation));
  if (!write || !relation) return [];
  if (kindOf(node) === 'DeleteStmt') return referencingActors(schema, [relation]);
  const set =
    read(node, 'UpdateStmt') &&
    readAll(read(node, 'UpdateStmt')?.targetList, 'ResTarget').map(({ name }) => name ?? '');
  const keys = ownForeignKeys(schema, relation).filter(
    ({ columns }) => !set || columns.some((column) => set.includes(column)),
  );
  const referenced = keys.flatMap(
    ({ references }) => relationNamed(schema, references?.relation ?? '') ?? [],
  );
  const referencing = set ? referencingActors(schema, [relation], set) : [];
  return [...referenced.map((each) => actorOf(each, `referenced by ${relation.key}`)), ...referencing];
}

/** SELECT, INSERT, UPDATE, DELETE, MERGE, EXPLAIN ANALYZE and the like. */
export function queryMatches(node: Node, schema: Schema): Match[] {
  const actors = queryActors(node, schema);
  if (actors.written.length === 0) return [matched('query', actors)];
  if (read(node, 'InsertStmt')) return [matched('insert rows', actors)];
  const where = read(node, 'UpdateStmt')?.whereClause ?? read(node, 'DeleteStmt')?.whereClause;
  const isAll = (read(node, 'UpdateStmt') ?? read(node, 'DeleteStmt')) !== undefined && !where;
  return [matched(isAll ? 'change all rows' : 'change rows', actors)];
}

export function copyMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'CopyStmt');
  if (!statement?.relation) return [matched('query', queryActors(statement?.query, schema))];
  const table = [named(schema, nameOf(statement.relation))];
  return [matched(statement.is_from ? 'copy in' : 'copy out', { table })];
}

const lockModesOf = [
  ...(['ACCESS SHARE', 'ROW SHARE', 'ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE'] as const),
  ...(['SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'] as const),
];

export function lockMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'LockStmt');
  const mode = lockModesOf[(statement?.mode ?? 8) - 1] ?? 'ACCESS EXCLUSIVE';
  const tables = readAll(statement?.relations, 'RangeVar').flatMap(({ inh, ...range }) =>
    !inh ? [named(schema, nameOf(range))] : looked(schema, nameOf(range)),
  );
  return [matched(`lock table in ${mode}`, { table: tables })];
}
