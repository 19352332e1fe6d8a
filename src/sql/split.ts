/** A piece of SQL text between two semicolons, found without understanding it. */
export interface Piece {
  /** Characters from the start of the text to the start of the piece. */
  start: number;
  end: number;
  /** `psql`: a command to psql such as `\d`; `data`: rows that follow `COPY … FROM stdin`. */
  kind: 'sql' | 'psql' | 'data';
}

/** What may hide a semicolon. Where the closing end is missing, the rest of the text is taken. */
const hiding: readonly [RegExp, (opening: string) => string | null][] = [
  [/--[^\n]*/y, () => null],
  [/\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y, (tag) => tag],
  [/"/y, () => '"'],
  [/'/y, () => "'"],
];
const copyFromStdin = /^\s*(?:--[^\n]*\n\s*)*copy\b[^;]*\bfrom\s+stdin\b/i;
/** White space and comments: pg_dump writes some before its first command of psql. */
const blank = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[^*]*\*\/)*$/;
const endOfData = /^\\\.[ \t\r]*$/m;

/**
 * Splits SQL that the parser refused as a whole, so that the readable statements in it can still be read:
 * at semicolons outside of quotes, comments and dollar quotes; psql's commands and the rows of
 * `COPY … FROM stdin` become pieces of their own. Text is never lost: what is no piece is white space.
 */
export function split(sql: string): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  let at = 0;
  const close = (end: number, kind: Piece['kind'] = 'sql') => {
    const piece = trimmed(sql, start, end);
    if (piece) pieces.push({ ...piece, kind });
    start = end;
  };
  while (at < sql.length) {
    const char = sql[at];
    if (char === '\\' && blank.test(sql.slice(start, at))) {
      start = at;
      at = endOfLine(sql, at);
      close(at, 'psql');
    } else if (char === ';') {
      const copies = copyFromStdin.test(sql.slice(start, Math.min(at, start + 10_000)));
      close(++at);
      if (!copies) continue;
      at = dataEnd(sql, at);
      close(at, 'data');
    } else at = skip(sql, at);
  }
  close(sql.length);
  return pieces;
}

/** @returns where reading goes on after the comment, quoted text or single character at `at` */
export function skip(sql: string, at: number): number {
  if (sql.startsWith('/*', at)) return afterBlockComment(sql, at);
  if (!'-$"\''.includes(sql[at] ?? '')) return at + 1;
  for (const [opening, closing] of hiding) {
    opening.lastIndex = at;
    const found = opening.exec(sql)?.[0];
    if (found === undefined || (found.startsWith('$') && /[\w$]/.test(sql[at - 1] ?? ''))) continue;
    const end = closing(found);
    if (end === null) return at + found.length;
    if (end === "'" && /(?:^|[^\w])e$/i.test(sql.slice(Math.max(0, at - 2), at)))
      return afterEscaped(sql, at + 1);
    const closed = sql.indexOf(end, at + found.length);
    return closed < 0 ? sql.length : closed + end.length;
  }
  return at + 1;
}

/** After `E'…'`, in which a backslash takes the next character out of play. */
function afterEscaped(sql: string, at: number): number {
  let place = at;
  while (place < sql.length && sql[place] !== "'") place += sql[place] === '\\' ? 2 : 1;
  return Math.min(place + 1, sql.length);
}

/** Block comments nest in PostgreSQL. */
function afterBlockComment(sql: string, at: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = at;
  let depth = 0;
  for (let mark = marks.exec(sql); mark; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return sql.length;
}

/** The rows end at a line `\.`; without one they go on to the end of the text. */
function dataEnd(sql: string, at: number): number {
  const found = endOfData.exec(sql.slice(at));
  return found ? at + found.index + found[0].length : sql.length;
}

function endOfLine(sql: string, at: number): number {
  const end = sql.indexOf('\n', at);
  return end < 0 ? sql.length : end;
}

function trimmed(sql: string, start: number, end: number): { start: number; end: number } | null {
  const text = sql.slice(start, end);
  const from = start + text.length - text.trimStart().length;
  return text.trim() === '' || text.trim() === ';'
    ? null
    : { start: from, end: start + text.trimEnd().length };
}
