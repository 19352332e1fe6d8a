/** A row of a Markdown table. Its cells are Markdown: words of people go through `words` or `code` first. */
type Row = readonly string[];

/** A Markdown table, after an empty line; nothing where it has no rows. */
export const table = (head: Row, rows: readonly Row[]): string[] =>
  rows.length ? ['', line(head), line(head.map(() => '---')), ...rows.map(line)] : [];

/** Within code a bar would end the cell all the same. */
const line = (cells: Row): string =>
  `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|').replace(/\n/g, ' ')).join(' | ')} |`;
