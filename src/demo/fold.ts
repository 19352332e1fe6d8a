/**
 * One line of output for a terminal of so many columns: a wide gap before a word at the right is narrowed, else
 * the line goes on in the next one, behind what it begins with (`  done    `). Words are not cut.
 */
export function fold(line: string, columns: number): string {
  if (line.length <= columns) return line;
  const gap = /\S( {3,})(?=\S+$)/.exec(line)?.[1]?.length ?? 0;
  const over = line.length - columns;
  if (gap - over >= 3) return line.replace(/( {3,})(?=\S+$)/, ' '.repeat(gap - over));
  const hang = / *\S+ {2,}/y.exec(line)?.[0].length ?? Infinity;
  const indent = hang <= MOST_HANG ? hang : line.length - line.trimStart().length + 2;
  const [first = '', ...rest] = broken(line, columns, indent);
  return [first, ...rest.map((each) => ' '.repeat(indent) + each)].join('\n');
}

/** The words of the steps in a run are this wide with what follows them; anything wider leaves no room. */
const MOST_HANG = 12;

/** The first line as wide as all of it, the others without their indent. */
function broken(line: string, columns: number, indent: number): string[] {
  const lines: string[] = [];
  let left = line;
  for (;;) {
    const room = lines.length ? columns - indent : columns;
    const from = lines.length ? 0 : indent;
    if (left.length <= room) return [...lines, left];
    const space = left.lastIndexOf(' ', room);
    // A word that is too long for any line stays whole: somebody may want to copy it.
    const at = space > from ? space : left.indexOf(' ', room);
    if (at < 0) return [...lines, left];
    lines.push(left.slice(0, at).trimEnd());
    left = left.slice(at).trimStart();
  }
}
