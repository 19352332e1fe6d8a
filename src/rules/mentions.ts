import { literally } from '../domain/pattern.js';

/** Whether code of SQL or PL/pgSQL mentions a name: a word of it, outside of comments; text in quotes may be run. */

const comments = /--[^\n]*|\/\*[^]*?\*\//g;

/** Where a table is named in it, or the code is of a trigger of that table, which need not name it. */
export function mentionsColumn(body: string, table: string, column: string, ofTrigger: boolean): boolean {
  const code = body.replace(comments, ' ');
  return word(column).test(code) && (ofTrigger || word(table).test(code));
}

/** @param place - its schema: the same name in another one is another thing */
export function mentionsName(body: string, place: string, local: string): boolean {
  const code = body.replace(comments, ' ');
  return [...code.matchAll(new RegExp(word(local), 'gi'))].some(({ groups }) => {
    const before = groups?.before;
    return before === undefined || before.toLowerCase() === place;
  });
}

/** The word as SQL has it, `orders` or `"Order"`, with what stands before its dot. */
function word(name: string): RegExp {
  const quoted = name.startsWith('"');
  const escaped = literally(name);
  const either = quoted ? escaped : `(?:${escaped}|"${escaped}")`;
  return new RegExp(
    `(?<![\\w$"])(?:(?<before>"[^"]+"|[\\w$]+)\\.)?(?<![\\w$"])${either}(?![\\w$"])`,
    quoted ? '' : 'i',
  );
}
