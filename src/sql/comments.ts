import { skip, split } from './split.js';

/** A comment with its marks, and where it starts and ends, in characters. */
export interface Comment {
  text: string;
  start: number;
  end: number;
}

/** The comments of SQL, outside of quotes, of code in dollar quotes and of the rows of COPY, in order. */
export function commentsIn(sql: string): Comment[] {
  const found: Comment[] = [];
  for (const { start, end, kind } of split(sql)) {
    if (kind !== 'sql') continue;
    for (let at = start; at < end;) {
      const to = skip(sql, at);
      if (sql.startsWith('--', at) || sql.startsWith('/*', at))
        found.push({ text: sql.slice(at, to), start: at, end: to });
      at = to;
    }
  }
  return found;
}

/** The parser takes the square of the depth: at 16,000 seven seconds, at 100,000 it would seem to hang. */
const DEEPEST = 1_000;

/** Whether block comments are nested deeper than anybody would nest them. */
export function isNestedTooDeep(sql: string): boolean {
  if (sql.split('/*').length <= DEEPEST) return false;
  return commentsIn(sql).some(({ text }) => text.startsWith('/*') && depthOf(text) > DEEPEST);
}

function depthOf(comment: string): number {
  let [depth, deepest] = [0, 0];
  for (const [mark] of comment.matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
