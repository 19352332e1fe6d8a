import type { Node } from '../sql/ast.js';
import { identifier, inside, nameOf, read, readAll } from '../sql/ast.js';
import type { Relation, Schema } from './model.js';
import { columnNamed, relationNamed } from './resolve.js';

interface Source {
  key: string;
  relation: Relation | undefined;
  columns: Set<string>;
}

/**
 * What a query reads. A name that several relations could mean counts for each of them: too much rather than
 * too little.
 */
export function readsOf(schema: Schema, query: Node | undefined): Relation['reads'] {
  const sources = sourcesIn(schema, query);
  const all = [...new Set(sources.values())];
  for (const node of inside(query)) {
    const fields = read(node, 'ColumnRef')?.fields;
    if (fields) note(fields, sources, all);
    const using = readAll(read(node, 'JoinExpr')?.usingClause, 'String');
    for (const { sval = '' } of using) noteColumn(all, identifier(sval));
  }
  return all.map(({ key, columns }) => ({ relation: key, columns: [...columns].sort() }));
}

/** By the names that the query may have for them: alias, name, schema and name. */
function sourcesIn(schema: Schema, query: Node | undefined): Map<string, Source> {
  const nodes = [...inside(query)];
  const common = nodes.flatMap((node) => read(node, 'CommonTableExpr')?.ctename ?? []);
  const byKey = new Map<string, Source>();
  const byName = new Map<string, Source>();
  for (const node of nodes) {
    const range = read(node, 'RangeVar');
    if (!range?.relname || (!range.schemaname && common.includes(range.relname))) continue;
    const relation = relationNamed(schema, nameOf(range));
    const key = relation?.key ?? nameOf(range);
    const source = byKey.get(key) ?? { key, relation, columns: new Set<string>() };
    byKey.set(key, source);
    for (const name of [range.alias?.aliasname ?? range.relname]) byName.set(identifier(name), source);
  }
  return byName;
}

function note(fields: readonly Node[], sources: Map<string, Source>, all: readonly Source[]): void {
  const names = readAll(fields, 'String').map(({ sval = '' }) => identifier(sval));
  const isStar = read(fields.at(-1), 'A_Star') !== undefined;
  const qualifier = isStar ? names.at(-1) : names.at(-2);
  const found = qualifier === undefined ? undefined : sources.get(qualifier);
  const meant = found ? [found] : qualifier === undefined ? all : [];
  if (isStar) for (const source of meant) addAll(source);
  else noteColumn(meant, names.at(-1) ?? '');
}

function addAll({ relation, columns }: Source): void {
  for (const { name } of relation?.columns ?? []) columns.add(name);
}

function noteColumn(sources: readonly Source[], name: string): void {
  for (const { relation, columns } of sources)
    if (!relation || relation.columnsUnknown || columnNamed(relation, name)) columns.add(name);
}
