import type { Node } from '@pgsql/types';
import { read } from './ast.js';

/** What a DO block of PL/pgSQL may run, whichever way it goes. */
export interface Block {
  /** Its statements, and its expressions as the SELECT that PL/pgSQL makes of them. */
  nodes: readonly Node[];
  /** What is not known of it before it runs, in words. */
  unknown: readonly string[];
  /** It ends the transaction in which it runs: refused where that is not its own. */
  commits?: true;
}

/** What the parser makes of SQL, and of a statement with PL/pgSQL in it; both throw at what they cannot read. */
export interface Readers {
  sql: (text: string) => readonly Node[];
  plpgsql: (text: string) => unknown;
}

/** How PL/pgSQL wants an expression to be read (RawParseMode in parser.h): 0 a statement, 2 an expression. */
interface Expression {
  query: string;
  parseMode?: number;
}

/** Parts of PL/pgSQL that only say in which order, and whether, the others run. */
const COMMIT = 'PLpgSQL_stmt_commit';
const plain = new Set(
  `block if case loop while fori fors forc foreach_a exit return return_next return_query raise assert execsql
  perform assign getdiag open fetch close call null dynexecute dynfors`
    .split(/\s+/)
    .map((name) => `PLpgSQL_stmt_${name}`),
);
/** Where the text of the SQL is itself an expression. */
const dynamic: Readonly<Record<string, string>> = {
  PLpgSQL_stmt_dynexecute: 'query',
  PLpgSQL_stmt_dynfors: 'query',
  PLpgSQL_stmt_open: 'dynquery',
  PLpgSQL_stmt_return_query: 'dynquery',
};

/** @returns undefined where it is no block of PL/pgSQL */
export function blockOf(text: string, node: Node, readers: Readers): Block | undefined {
  const block = read(node, 'DoStmt');
  const language = (block?.args ?? [])
    .map((arg) => read(arg, 'DefElem'))
    .find((arg) => arg?.defname === 'language');
  const name = read(language?.arg, 'String')?.sval ?? 'plpgsql';
  if (!block || name !== 'plpgsql') return undefined;
  try {
    return walk(readers.plpgsql(text), readers);
  } catch (error) {
    return {
      nodes: [],
      unknown: [`it cannot be read: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
}

function walk(root: unknown, readers: Readers): Block {
  const nodes: Node[] = [];
  const unknown: string[] = [];
  let commits = false;
  const take = (text: string) => {
    try {
      nodes.push(...readers.sql(text));
    } catch (error) {
      unknown.push(
        `'${text.trim().slice(0, 60)}' in it cannot be read: ${error instanceof Error ? error.message : ''}`,
      );
    }
  };
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    const inner = Object.entries(value);
    for (const [kind, part] of inner) {
      if (kind === COMMIT) commits = true;
      else if (kind.startsWith('PLpgSQL_stmt_') && !plain.has(kind))
        unknown.push(`it does ${kind.replace('PLpgSQL_stmt_', '').toUpperCase()}`);
      if (kind === 'PLpgSQL_expr') take(asStatement(part as Expression));
      const made = textMade(kind, part, readers);
      if (typeof made === 'string') take(made);
      else if (made) unknown.push('it runs SQL that it puts together while it runs');
    }
    for (const [, part] of inner.reverse()) waiting.push(part);
  }
  return { nodes, unknown: [...new Set(unknown)], ...(commits ? { commits } : {}) };
}

/** `n := f(x)` and `f(x)` are what PL/pgSQL asks the server for by a SELECT. */
function asStatement({ query, parseMode = 0 }: Expression): string {
  if (parseMode === 0) return query;
  return `SELECT ${parseMode === 2 ? query : query.replace(/^[^:='"]+(?::=|=)/, '')}`;
}

/** @returns the SQL that EXECUTE runs where it is one text; true where it is put together; false for anything else */
function textMade(kind: string, part: unknown, { sql }: Readers): string | boolean {
  const key = dynamic[kind];
  const expression =
    key && (part as Record<string, { PLpgSQL_expr?: Expression } | undefined>)[key]?.PLpgSQL_expr;
  if (!expression) return false;
  try {
    const target = read(
      read(sql(`SELECT ${expression.query}`)[0], 'SelectStmt')?.targetList?.[0],
      'ResTarget',
    );
    return read(target?.val, 'A_Const')?.sval?.sval ?? true;
  } catch {
    return true;
  }
}
