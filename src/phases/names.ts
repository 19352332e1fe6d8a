import { identifier, inCatalog, localOf, placeOf, keyIn } from '../domain/sql-name.js';

/** Bytes of a name; PostgreSQL cuts longer ones without a word. */
const MOST = 63;

/** Joins words to one name of SQL, shortened where PostgreSQL would cut it. */
export function nameOf(...words: readonly string[]): string {
  const whole = words.map((word) => inCatalog(localOf(word))).join('_');
  if (Buffer.byteLength(whole) <= MOST) return identifier(whole);
  const mark = checksum(whole);
  let short = whole;
  while (Buffer.byteLength(short) > MOST - mark.length - 1) short = short.slice(0, -1);
  return identifier(`${short}_${mark}`);
}

/** What a change's functions and triggers are called after. */
export const ofChange = (change: string, ...words: readonly string[]): string =>
  nameOf('lockkeeper', change.replace(/[^a-z0-9_]+/g, '_'), ...words);

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): tells two long names of one beginning apart. */
function checksum(text: string): string {
  let sum = 0x811c9dc5;
  for (const character of text) sum = Math.imul(sum ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return sum.toString(16).padStart(8, '0').slice(0, 6);
}

/** A name beside a table: in its schema where the table is named with one. */
export const beside = (table: string, name: string): string => keyIn(placeOf(table), name);

/** A name with a column's name in it exchanged; with the new one behind it where it does not have the old one. */
export function renamed(name: string, from: string, to: string, taken: ReadonlySet<string>): string {
  const [whole, old, next] = [name, from, to].map(inCatalog) as [string, string, string];
  const word = new RegExp(`(?<![a-z0-9])${old.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![a-z0-9])`, 'i');
  const changed = word.test(whole) ? nameOf(whole.replace(word, next)) : nameOf(whole, next);
  return taken.has(changed) || changed === name ? nameOf(whole, next, 'new') : changed;
}

/** SQL's text in quotes. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
