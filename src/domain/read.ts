/** What can be read of a state folder, and by which name: the hash of a file's content, or a run's id. */
export const readables = {
  check: 'hash',
  plan: 'hash',
  sql: 'hash',
  rehearsal: 'hash',
  revision: 'hash',
  schema: 'hash',
  report: 'run',
  record: 'run',
} as const;
export type Readable = keyof typeof readables;

/** What the workflow `read` takes. */
export interface ReadRequest {
  target: string;
  what: Readable;
  /** Its first 8 characters or more. */
  hash?: string;
  /** Its first 8 characters or more. Default: the last run that is over. */
  run?: string;
  /** 1 is the first, and the default. */
  page?: number;
}

/** One page of a text. All pages, one after the other, are the text. */
export interface ReadPage {
  text: string;
  page: number;
  pages: number;
  /** The whole hash or run id: further pages are of the same text when they are asked for by it. */
  of: string;
}

/** Bytes of a page as it travels: JSON, in UTF-8. */
export const PAGE_BYTES = 16 * 1024;

const keys = ['target', 'what', 'hash', 'run', 'page'];
const example = '{"target":"shop","what":"check","hash":"5c1e7ab2"}';

/** What is wrong with a request to read; null when it is well formed. */
export function whyBadRead(sent: unknown): string | null {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent))
    return `this takes one JSON object, such as ${example}`;
  const { target, what, page, ...rest } = sent as Record<string, unknown>;
  if (typeof target !== 'string' || !target) return `"target" is missing: this takes ${example}`;
  if (!isReadable(what)) return `"what" must be one of ${Object.keys(readables).join(', ')}`;
  const strange = Object.keys(rest).filter((key) => !keys.includes(key));
  if (strange.length) return `unknown: ${strange.join(', ')}; known are ${keys.join(', ')}`;
  if (page !== undefined && !(Number.isInteger(page) && (page as number) > 0))
    return '"page" must be a number: 1 is the first';
  return whyBadName(readables[what], what, rest);
}

const isReadable = (what: unknown): what is Readable =>
  typeof what === 'string' && Object.hasOwn(readables, what);

function whyBadName(by: 'hash' | 'run', what: Readable, given: Record<string, unknown>): string | null {
  const other = by === 'hash' ? 'run' : 'hash';
  if (given[other] !== undefined) return `a ${what} is named by its "${by}", not by a "${other}"`;
  const name = given[by];
  if (name === undefined) return by === 'run' ? null : `"hash" is missing: this takes ${example}`;
  const isName = by === 'hash' ? /^[0-9a-f]{8,64}$/ : /^[0-9a-f][0-9a-f-]{7,35}$/;
  if (typeof name === 'string' && isName.test(name)) return null;
  const got = JSON.stringify(name)?.slice(0, 80) ?? 'nothing';
  return by === 'hash'
    ? `"hash" must be 8 to 64 hexadecimal digits, and no path; got ${got}`
    : `"run" must be the id of a run, or its first 8 characters or more, and no path; got ${got}`;
}

/**
 * A text in pages, each at most `most` bytes as JSON in UTF-8. No character is cut, and a page ends with a
 * whole line where there is one in it.
 *
 * @returns at least one page
 */
export function pagesOf(text: string, most = PAGE_BYTES): string[] {
  const pages: string[] = [];
  let start = 0;
  while (start < text.length) {
    const fits = fitting(text, start, most);
    const line = fits < text.length ? text.lastIndexOf('\n', fits - 1) + 1 : fits;
    const end = line > start ? line : fits;
    pages.push(text.slice(start, end));
    start = end;
  }
  return pages.length ? pages : [''];
}

/** @returns where the longest part ends that begins at `start` and weighs at most so many bytes */
function fitting(text: string, start: number, most: number): number {
  let weight = QUOTES;
  let at = start;
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0;
    weight += bytesInJson(code);
    if (weight > most && at > start) break;
    at += code > 0xffff ? 2 : 1;
  }
  return at;
}

const QUOTES = 2;

/** JSON escapes some of them. */
const ascii = Uint8Array.from(
  { length: 0x80 },
  (_, code) => JSON.stringify(String.fromCharCode(code)).length - QUOTES,
);

/** What JSON.stringify makes of one character, in UTF-8. */
function bytesInJson(code: number): number {
  if (code < 0x80) return ascii[code] ?? 1;
  if (code < 0x800) return 2;
  if (code >= 0xd800 && code <= 0xdfff) return 6; // half a pair: written as an escape
  return code > 0xffff ? 4 : 3;
}
