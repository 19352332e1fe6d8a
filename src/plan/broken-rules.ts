import { count } from '../domain/units.js';
import type { Node } from '../sql/ast.js';
import { type Constraint, identifier, nameOf, read, readAll } from '../sql/ast.js';
import { parse } from '../sql/parse.js';

/** A rule that a statement adds to a table, and how rows are found that break it. */
export interface BrokenRule {
  table: string;
  /** SQLSTATEs that say that it is this rule that is broken. */
  states: readonly string[];
  /** @param key - SQL of the key of the row `t`. @returns a query of texts called `key` */
  query(key: string): string;
  /** @param shown - the first keys, as they may be shown */
  words(n: number, shown: string): string;
}

/** The rules that a statement wants to add. Of what cannot be read there are none. */
export async function brokenRulesOf(sql: string): Promise<BrokenRule[]> {
  const parsed = await parse(sql);
  return parsed.flatMap((part) => ('node' in part ? rulesIn(part.node, part.text) : []));
}

function rulesIn(node: Node, text: string): BrokenRule[] {
  const index = read(node, 'IndexStmt');
  if (index?.unique && !index.whereClause) {
    const columns = readAll(index.indexParams, 'IndexElem').map(({ name }) => name);
    return columns.every((name) => name !== undefined) ? [unique(nameOf(index.relation), columns)] : [];
  }
  const alter = read(node, 'AlterTableStmt');
  const table = nameOf(alter?.relation);
  return readAll(alter?.cmds, 'AlterTableCmd').flatMap((cmd) => {
    if (cmd.subtype === 'AT_SetNotNull' && cmd.name) return [notNull(table, cmd.name)];
    const constraint = read(cmd.def, 'Constraint');
    return cmd.subtype === 'AT_AddConstraint' && constraint ? ofConstraint(table, constraint, text) : [];
  });
}

const names = (nodes: readonly Node[] | undefined): string[] =>
  readAll(nodes, 'String').map(({ sval }) => sval ?? '');

function ofConstraint(table: string, constraint: Constraint, text: string): BrokenRule[] {
  const keys = names(constraint.keys);
  switch (constraint.contype) {
    case 'CONSTR_UNIQUE':
      return keys.length ? [unique(table, keys)] : [];
    case 'CONSTR_PRIMARY':
      return keys.length ? [unique(table, keys), ...keys.map((key) => notNull(table, key))] : [];
    case 'CONSTR_FOREIGN':
      return foreign(table, constraint);
    case 'CONSTR_CHECK':
      return check(table, text);
    default:
      return [];
  }
}

const list = (columns: readonly string[], of = 't'): string =>
  columns.map((column) => `${of}.${identifier(column)}`).join(', ');

const unique = (table: string, columns: readonly string[]): BrokenRule => ({
  table,
  states: ['23505'],
  query: () =>
    `SELECT ROW(${list(columns)})::text AS key FROM ${table} t ` +
    `WHERE ${columns.map((column) => `t.${identifier(column)} IS NOT NULL`).join(' AND ')} ` +
    `GROUP BY ${list(columns)} HAVING count(*) > 1`,
  words: (n, shown) =>
    `${count(n, 'value')} of (${columns.join(', ')}) in ${table} ${n === 1 ? 'stands' : 'stand'} more than once: ${shown}`,
});

const notNull = (table: string, column: string): BrokenRule => ({
  table,
  states: ['23502'],
  query: (key) => `SELECT ${key} AS key FROM ${table} t WHERE t.${identifier(column)} IS NULL`,
  words: (n, shown) => `${count(n, 'row')} of ${table} ${n === 1 ? 'has' : 'have'} no ${column}: ${shown}`,
});

function foreign(table: string, { fk_attrs, pk_attrs, pktable }: Constraint): BrokenRule[] {
  const [columns, others, to] = [names(fk_attrs), names(pk_attrs), nameOf(pktable)];
  // Where the other side is not written out it is that table's primary key.
  if (!columns.length || others.length !== columns.length || !to) return [];
  const equal = columns.map((column, at) => `o.${identifier(others[at]!)} = t.${identifier(column)}`);
  const known = columns.map((column) => `t.${identifier(column)} IS NOT NULL`);
  return [
    {
      table,
      states: ['23503'],
      query: (key) =>
        `SELECT ${key} AS key FROM ${table} t WHERE ${known.join(' AND ')} ` +
        `AND NOT EXISTS (SELECT FROM ${to} o WHERE ${equal.join(' AND ')})`,
      words: (n, shown) =>
        `${count(n, 'row')} of ${table} ${n === 1 ? 'refers' : 'refer'} to nothing in ${to}: ${shown}`,
    },
  ];
}

/** The condition as it is written: the tree has no text. */
function check(table: string, text: string): BrokenRule[] {
  const start = /\bcheck\s*\(/i.exec(text);
  const condition = start && balanced(text.slice(start.index + start[0].length));
  if (!condition) return [];
  return [
    {
      table,
      states: ['23514'],
      query: (key) => `SELECT ${key} AS key FROM ${table} t WHERE NOT (${condition})`,
      words: (n, shown) =>
        `${count(n, 'row')} of ${table} ${n === 1 ? 'breaks' : 'break'} the check: ${shown}`,
    },
  ];
}

/** @returns the text up to the bracket that ends it; quotes are passed over */
function balanced(text: string): string | null {
  let depth = 1;
  for (const { 0: token, index } of text.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]/g)) {
    if (token === '(') depth += 1;
    if (token === ')' && (depth -= 1) === 0) return text.slice(0, index);
  }
  return null;
}
