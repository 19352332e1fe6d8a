/**
 * Words of people and tools within Markdown: on one line, and nothing in them is taken for markup. Temporal's Web
 * UI passes raw HTML on, so that a note could otherwise show what nobody decided. It sets quotes and dashes as a
 * printer does: what is to be copied stands as `code`.
 */
export const words = (text: string): string =>
  oneLine(text).replace(/[\\`*<>[\]|~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&');

/** The same as code: names, commands, and what a tool printed. */
export const code = (text: string): string => `\`${oneLine(text).replaceAll('`', "'")}\``;

const MOST_CHARS = 300;

const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MOST_CHARS ? `${line.slice(0, MOST_CHARS - 1)}…` : line;
};

/**
 * The Web UI shows a page by putting it into an address, and a proxy before it cuts an address at 8 KB: this much
 * of it leaves room for the rest. What is no plain letter takes up to nine characters there.
 */
const MOST_IN_ADDRESS = 7_000;
const MOST_BYTES = 4_096;

/** Puts lines together until the page is full; what comes first counts most, and `more` says where the rest is. */
export function fitted(lines: readonly string[], more: string): string {
  const room = { address: MOST_IN_ADDRESS, bytes: MOST_BYTES };
  const last = wellFormed(more);
  take(room, last);
  const kept: string[] = [];
  for (const line of lines.map(wellFormed)) {
    if (!take(room, line)) return [...kept, last].join('\n');
    kept.push(line);
  }
  return kept.join('\n').trimEnd();
}

/** @returns whether there was room for one more line */
function take(room: { address: number; bytes: number }, line: string): boolean {
  const inAddress = encodeURIComponent(`${line}\n`);
  room.address -= inAddress.length;
  room.bytes -= inAddress.replace(/%../g, '.').length;
  return room.address >= 0 && room.bytes >= 0;
}

/** Half a character, as a cut leaves it, fits into no address. */
const wellFormed = (line: string): string => line.replace(/\p{Surrogate}/gu, '\uFFFD');
