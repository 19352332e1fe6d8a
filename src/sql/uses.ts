import type { Node } from './ast.js';
import { identifier, nameOf, read, readAll } from './ast.js';
import { sameTable, scopesIn, type Scope } from './scopes.js';

/** A table that goes, or a column of one. */
export interface Taken {
  /** As SQL has it. */
  table: string;
  column?: string;
  /** How many columns the table has, where that is known. */
  width?: number;
  /** Other tables that have a column of this name. */
  alsoIn?: readonly string[];
}

/** What applications send. DDL, as migrations send it, is none of these. */
const SENT = [
  ...['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'TruncateStmt'],
  ...['CopyStmt', 'DeclareCursorStmt', 'PrepareStmt', 'CreateTableAsStmt'],
];

/**
 * Whether a statement of an application names a table, or a column of one: by alias, as PostgreSQL resolves it from the
 * innermost query outwards, and by its place in an INSERT that names no columns. `SELECT *` names none.
 */
export function uses(statement: Node, taken: Taken): boolean {
  if (!SENT.some((kind) => kind in statement)) return false;
  const copy = read(statement, 'CopyStmt');
  if (copy?.relation) return copies(statement, taken);
  return scopesIn(statement).some((scope) =>
    taken.column === undefined
      ? scope.sources.some(({ table }) => sameTable(table, taken.table))
      : writes(scope, taken) || names(scope, taken),
  );
}

/** pg_dump copies all columns of each table, by their names, whoever uses them. */
function copies(statement: Node, { table, column, width }: Taken): boolean {
  const { relation, attlist, is_from: isFrom = false } = read(statement, 'CopyStmt')!;
  if (!sameTable(nameOf(relation), table)) return false;
  const named = readAll(attlist, 'String').map(({ sval = '' }) => identifier(sval));
  if (!isFrom && named.length === width) return false;
  return column === undefined || named.includes(column) || (isFrom && named.length === 0);
}

/** Gives the column a value, by its name or by its place. */
function writes({ node }: Scope, { table, column }: Taken): boolean {
  const insert = read(node, 'InsertStmt');
  const update = read(node, 'UpdateStmt');
  const merge = read(node, 'MergeStmt');
  if (!sameTable(nameOf((insert ?? update ?? merge)?.relation), table)) return false;
  if (insert?.selectStmt && !insert.cols?.length) return true;
  const conflict = insert?.onConflictClause;
  const merged = readAll(merge?.mergeWhenClauses, 'MergeWhenClause').flatMap(
    ({ targetList = [] }) => targetList,
  );
  const lists = [insert?.cols, conflict?.targetList, update?.targetList, merged];
  return [
    ...lists.flatMap((list) => readAll(list, 'ResTarget')),
    ...readAll(conflict?.infer?.indexElems, 'IndexElem'),
  ].some(({ name }) => name !== undefined && identifier(name) === column);
}

function names(scope: Scope, taken: Taken): boolean {
  const { refs, joins, sources } = scope;
  return (
    refs.some((ref) => ref.at(-1) === taken.column && means(scope, ref.at(-2), taken)) ||
    (joins.some((name) => name === taken.column) &&
      sources.some(({ table }) => sameTable(table, taken.table)))
  );
}

/** Whether a reference to a column of this name is to that of the table. */
function means(from: Scope, qualifier: string | undefined, { table, alsoIn = [] }: Taken): boolean {
  for (let scope: Scope | null = from; scope; scope = scope.outer) {
    const { sources } = scope;
    const named = qualifier === undefined ? undefined : sources.find(({ as }) => as === qualifier);
    if (named) return sameTable(named.table, table);
    if (qualifier !== undefined) continue;
    // In one query the name would be ambiguous if two of its tables had it.
    if (sources.some((each) => sameTable(each.table, table))) return true;
    if (sources.some((each) => alsoIn.some((other) => sameTable(each.table, other)))) return false;
  }
  return false;
}
