import { commentsIn } from './comments.js';

/** A comment that speaks to Lockkeeper: `-- lockkeeper: allow table-dropped because …`. */
export interface Note {
  /** What it says, without comment marks and without `lockkeeper:`, on one line. */
  text: string;
  /** 1-based, in the text. */
  line: number;
}

interface Part {
  text: string;
  /** Characters from the start of the text. */
  offset: number;
}

type Noted<P> = P & { notes?: readonly Note[]; below?: readonly Note[] };

const speaks = /lockkeeper\s*:/i;
const said = /^(?:--+|\/\*+)\s*lockkeeper\s*:\s*([^]*?)(?:\*+\/)?\s*$/i;

/**
 * Gives every part the notes that are meant for it: those within it, those behind it on its last line, and those
 * above it. What stands below the last part is meant for none: it goes to `below`.
 */
export function withNotes<P extends Part>(text: string, parts: readonly P[]): Noted<P>[] {
  const noted: Noted<P>[] = [...parts];
  if (!speaks.test(text)) return noted;
  const lines = lineReader(text);
  let next = 0;
  for (const { text: comment, start } of commentsIn(text)) {
    const words = said.exec(comment)?.[1]?.replace(/\s+/g, ' ').trim();
    if (words === undefined) continue;
    const note = { text: words, line: lines(start) };
    while (next < noted.length && noted[next]!.offset <= start) next += 1;
    const own = next > 0 && isBeside(noted[next - 1]!, start, text) ? next - 1 : next;
    const at = Math.min(own, noted.length - 1);
    const part = noted[at];
    const key = own === at ? 'notes' : 'below';
    if (part) noted[at] = { ...part, [key]: [...(part[key] ?? []), note] };
  }
  return noted;
}

/** Within a part, or behind it on the line on which it, or its semicolon, ends. */
function isBeside({ offset, text: own }: Part, start: number, text: string): boolean {
  const end = offset + own.length;
  return !text.slice(end, Math.max(end, start)).replace(/^\s*;/, '').includes('\n');
}

/** @returns the line of increasing places */
function lineReader(text: string): (place: number) => number {
  let [line, seen] = [1, 0];
  return (place) => {
    for (let at = text.indexOf('\n', seen); at >= 0 && at < place; at = text.indexOf('\n', at + 1)) {
      line += 1;
      seen = at + 1;
    }
    return line;
  };
}
