import { partsOf } from '../domain/sql-name.js';
import type { Node } from './ast.js';
import { identifier, inside, nameOf, read, readAll } from './ast.js';

/** A table of a query, and by which name the query refers to its columns. */
interface Source {
  table: string;
  as: string;
}

/** One query or change of rows, with what it names itself; the queries in it have scopes of their own. */
export interface Scope {
  node: Node;
  sources: Source[];
  /** References to columns, each with what stands before its dots. */
  refs: string[][];
  /** Columns by which tables are joined, `USING (id)`. */
  joins: string[];
  outer: Scope | null;
}

const OPENS = ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'] as const;
/** By which names an INSERT, UPDATE or MERGE knows the rows of its own table besides. */
const OWN_ROWS = ['excluded', 'old', 'new'];

/** Without recursion: expressions may be nested thousands deep. */
export function scopesIn(root: Node): Scope[] {
  const common = new Set(readAll(inside(root), 'CommonTableExpr').map(({ ctename }) => ctename ?? ''));
  const first: Scope = { node: root, sources: [], refs: [], joins: [], outer: null };
  const scopes = [first];
  const waiting: [value: unknown, scope: Scope][] = [[root, first]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [value, scope] = next;
    if (typeof value !== 'object' || value === null) continue;
    const node = value as Node;
    const opens = OPENS.find((kind) => kind in node);
    if (opens) {
      const inner = opened(node, scope);
      scopes.push(inner);
      waiting.push([contentOf(node), inner]);
      continue;
    }
    note(node, scope, common);
    for (const [key, part] of Object.entries(value))
      if (key !== 'lockingClause')
        waiting.push([isPlainQuery(key, part) ? { SelectStmt: part } : part, scope]);
  }
  return scopes;
}

/** The two sides of a UNION are written without their kind. */
const isPlainQuery = (key: string, part: unknown): boolean =>
  (key === 'larg' || key === 'rarg') && typeof part === 'object' && part !== null && 'targetList' in part;

function opened(node: Node, outer: Scope): Scope {
  const change =
    read(node, 'InsertStmt') ??
    read(node, 'UpdateStmt') ??
    read(node, 'DeleteStmt') ??
    read(node, 'MergeStmt');
  const table = nameOf(change?.relation);
  const as = identifier(change?.relation?.alias?.aliasname ?? change?.relation?.relname ?? '');
  const names = table ? [as, ...OWN_ROWS] : [];
  return { node, sources: names.map((name) => ({ table, as: name })), refs: [], joins: [], outer };
}

/** What is ordered by a name of the result names no column by that. */
function contentOf(node: Node): unknown {
  const query = read(node, 'SelectStmt');
  if (!query?.sortClause) return Object.values(node)[0];
  const given = readAll(query.targetList, 'ResTarget').map(({ name }) => name);
  const sortClause = query.sortClause.filter((sort) => {
    const fields = read(read(sort, 'SortBy')?.node, 'ColumnRef')?.fields ?? [];
    return fields.length !== 1 || !given.includes(read(fields[0], 'String')?.sval);
  });
  return { ...query, sortClause };
}

function note(node: Node, scope: Scope, common: ReadonlySet<string>): void {
  const range = read(node, 'RangeVar');
  if (range && (range.schemaname || !common.has(range.relname ?? '')))
    scope.sources.push({
      table: nameOf(range),
      as: identifier(range.alias?.aliasname ?? range.relname ?? ''),
    });
  const fields = read(node, 'ColumnRef')?.fields;
  if (fields && read(fields.at(-1), 'String'))
    scope.refs.push(readAll(fields, 'String').map(({ sval = '' }) => identifier(sval)));
  for (const { sval = '' } of readAll(read(node, 'JoinExpr')?.usingClause, 'String'))
    scope.joins.push(identifier(sval));
}

/** Whether two names of tables, as SQL has them, can mean the same: one without a schema may be of any. */
export function sameTable(one: string, other: string): boolean {
  const [[place, name], [otherPlace, otherName]] = [partsOf(one), partsOf(other)];
  return name === otherName && (!place || !otherPlace || place === otherPlace);
}
