import { literally } from '../../domain/pattern.js';
import { identifier, inCatalog } from '../../domain/sql-name.js';

const notNull = /^("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*) IS NOT NULL$/;

/** @returns the columns that are not NULL wherever the condition, as PostgreSQL prints it, is true */
export function provenBy(condition: string): string[] {
  const bare = withoutBrackets(condition.trim());
  const parts = splitAtAnd(bare);
  if (parts.length > 1) return parts.flatMap(provenBy);
  const name = notNull.exec(bare)?.[1];
  if (name === undefined) return [];
  // PostgreSQL quotes words of its own, too.
  return [name.startsWith('"') ? identifier(inCatalog(name)) : name];
}

/** Whether an expression, as PostgreSQL prints it, names the column. */
export function mentions(expression: string, column: string): boolean {
  const escaped = literally(column);
  const quoted = column.startsWith('"') ? escaped : `(?:${escaped}|"${escaped}")`;
  const text = expression.replace(/'(?:[^']|'')*'/g, "''");
  return new RegExp(`(?<![\\w$".])${quoted}(?![\\w$"(])`).test(text);
}

/** Calls back at each character outside of quotes, with the depth of brackets after it. */
function walk(text: string, visit: (at: number, depth: number) => void): void {
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quote) quote = character === quote ? '' : quote;
    else if (character === "'" || character === '"') quote = character;
    else {
      if (character === '(' || character === '[') depth += 1;
      if (character === ')' || character === ']') depth -= 1;
      visit(at, depth);
    }
  }
}

function withoutBrackets(text: string): string {
  let closes = -1;
  if (!text.startsWith('(')) return text;
  walk(text, (at, depth) => {
    if (depth === 0 && closes < 0) closes = at;
  });
  return closes === text.length - 1 ? withoutBrackets(text.slice(1, -1).trim()) : text;
}

function splitAtAnd(text: string): string[] {
  const ends: number[] = [];
  walk(text, (at, depth) => {
    if (depth === 0 && text.startsWith(' AND ', at)) ends.push(at);
  });
  // BETWEEN … AND … is printed by PostgreSQL as two comparisons, so that each AND joins conditions.
  return [...ends, text.length].map((end, index) =>
    text.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + ' AND '.length, end),
  );
}
