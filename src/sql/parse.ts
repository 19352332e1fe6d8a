import type { Node, ParseResult } from '@pgsql/types';
import { blockOf, type Block } from './block.js';
import { isNestedTooDeep } from './comments.js';
import { withNotes, type Note } from './notes.js';
import { split } from './split.js';

interface Place {
  /** As written, without the semicolon. */
  text: string;
  /** Characters from the start of the text. */
  offset: number;
  /** 1-based. */
  line: number;
  /** Comments that speak to Lockkeeper, meant for this part; and below the last part, for none. */
  notes?: readonly Note[];
  below?: readonly Note[];
}

/** A statement that PostgreSQL's own grammar understood. */
export interface Statement extends Place {
  node: Node;
  /** Of a DO block in PL/pgSQL: what it may run. */
  block?: Block;
}

/** Text that could not be read as SQL, and why, in the parser's words. */
export interface Unreadable extends Place {
  why: string;
}

export type Parsed = Statement | Unreadable;

/** Loading takes 20 to 40 ms: only when there is something to read. */
const load = async () => {
  const library = await import('libpg-query');
  await library.loadModule();
  return { parse: library.parseSync, plpgsql: library.parsePlPgSQLSync };
};
let parser: ReturnType<typeof load> | undefined;

/** Begins to load the parser, for who knows that there will be something to read. */
export const loadParser = (): Promise<unknown> => (parser ??= load());

/**
 * Reads SQL with the grammar of PostgreSQL 18 (libpg-query). Never throws on what it is given: where the
 * text as a whole cannot be read, it is split at its semicolons and each part is read by itself.
 *
 * @returns statements and unreadable parts, in the order of the text
 */
export function parse(sql: string): Promise<readonly Parsed[]> {
  const before = recent.get(sql);
  if (before) return before;
  const parsed = parseAnew(sql);
  // Several look at the SQL of one revision, one after the other; a worker must not grow by what it has once read.
  if (sql.length <= MOST_RECENT) {
    recentSize += sql.length;
    if (recentSize > MOST_RECENT) {
      recent.clear();
      recentSize = sql.length;
    }
    recent.set(sql, parsed);
  }
  return parsed;
}

const recent = new Map<string, Promise<readonly Parsed[]>>();
/** Characters; the trees take some fifty times as much. */
const MOST_RECENT = 100_000;
let recentSize = 0;

async function parseAnew(sql: string): Promise<Parsed[]> {
  // WASM has no notion of half a character; a replacement of the same length keeps all offsets right.
  const whole = /[\ud800-\udfff]/.test(sql) ? sql.replace(/\p{Surrogate}/gu, '\ufffd') : sql;
  const text = whole.startsWith('\ufeff') ? ` ${whole.slice(1)}` : whole;
  if (text.trim() === '') return [];
  const read = await (parser ??= load());
  const statements = statementsOf(text, read);
  return withNotes(text, withLines(text, Array.isArray(statements) ? statements : partsOf(text, read)));
}

interface Read {
  parse: (sql: string) => ParseResult;
  plpgsql: (text: string) => unknown;
}
/** Lines are counted last, for all parts at once. */
const NO_LINE = 0;

function partsOf(text: string, read: Read): Parsed[] {
  return split(text).flatMap(({ start, end, kind }): Parsed[] => {
    const part = text.slice(start, end);
    const refused = (why: string) => [{ text: part, offset: start, line: NO_LINE, why }];
    if (kind === 'psql') return refused('a command of psql, not SQL');
    // The rows belong to the COPY statement before them, which was judged.
    if (kind === 'data')
      return endsProperly(part) ? [] : refused(`rows of COPY without the line '\\.' that ends them`);
    const statements = statementsOf(part, read);
    if (!Array.isArray(statements)) return refused(statements.why);
    return statements.map((statement) => ({ ...statement, offset: start + statement.offset }));
  });
}

const endsProperly = (rows: string): boolean => /(^|\n)\\\.[ \t\r]*$/.test(rows);

function statementsOf(text: string, read: Read): Statement[] | { why: string } {
  // For the parser, which is written in C, the text would end there, and the rest go unseen.
  if (text.includes('\0')) return { why: 'it holds a NUL byte' };
  if (isNestedTooDeep(text)) return { why: 'its comments are nested too deep' };
  try {
    const place = placesIn(text);
    return (read.parse(text).stmts ?? []).flatMap(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
      const [from, to] = place(start, length ? start + length : undefined);
      return stmt ? [statementOf(stmt, text.slice(from, to).trim(), from, read)] : [];
    });
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}

function statementOf(node: Node, text: string, offset: number, read: Read): Statement {
  const sql = (inner: string) => (read.parse(inner).stmts ?? []).flatMap(({ stmt }) => stmt ?? []);
  const block = 'DoStmt' in node ? blockOf(text, node, { sql, plpgsql: read.plpgsql }) : undefined;
  const statement: Statement = { node, text, offset, line: NO_LINE };
  if (block) statement.block = block;
  return statement;
}

/** libpg-query counts bytes of UTF-8. @returns a reader of increasing places, in characters */
function placesIn(text: string): (start: number, end?: number) => [number, number] {
  if (Buffer.byteLength(text, 'utf8') === text.length) return (start, end = text.length) => [start, end];
  const bytes = Buffer.from(text, 'utf8');
  let seenBytes = 0;
  let seen = 0;
  const upTo = (place: number) => {
    seen += bytes.subarray(seenBytes, place).toString('utf8').length;
    seenBytes = place;
    return seen;
  };
  return (start, end = bytes.length) => [upTo(start), upTo(end)];
}

function withLines(text: string, parts: readonly Parsed[]): readonly Parsed[] {
  let line = 1;
  let seen = 0;
  for (const part of parts) {
    for (let at = text.indexOf('\n', seen); at >= 0 && at < part.offset; at = text.indexOf('\n', at + 1))
      line += 1;
    seen = part.offset;
    part.line = line;
  }
  return parts;
}
