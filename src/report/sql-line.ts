/** SQL on one line, cut at `chars`. */
export function sqlLine(sql: string, chars: number): string {
  const line = sql.replace(/\s+/g, ' ').trim();
  return line.length <= chars ? line : `${line.slice(0, chars - 1).trimEnd()}…`;
}

/** Text in lines of at most `chars`, broken at spaces, each but the first behind `indent`. */
export function wrapped(text: string, chars: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replace(/\s+/g, ' ').trim().split(' ')) {
    if (line !== '' && line.length + 1 + word.length > chars) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}
