import { inCatalog, isQualified, keyIn } from '../domain/sql-name.js';
import { identifier, nameOf, type RangeVar } from '../sql/ast.js';
import type { Schema } from './model.js';

/** @returns what a name may be the key of, the first that exists counts; none where nobody can tell */
export function keysOf(schema: Schema, name: string): string[] {
  if (isQualified(name)) return [name];
  return schema.searchPath ? ['pg_temp', ...schema.searchPath].map((place) => keyIn(place, name)) : [];
}

/** The schema in which a name without one is made: the first of the path that exists. */
const homeIn = (schema: Schema): string | undefined =>
  schema.searchPath?.find((place) => schema.schemas.has(place));

/** @returns the key that a new object of that name gets; undefined where nobody can tell */
export function newKey(schema: Schema, name: string): string | undefined {
  if (isQualified(name)) return name;
  const home = homeIn(schema);
  return home === undefined ? undefined : keyIn(home, name);
}

/** The same of a relation, which may be a temporary one. */
export function newRelationKey(schema: Schema, relation: RangeVar | undefined): string | undefined {
  if (!relation?.relname) return undefined;
  if (relation.relpersistence === 't') return keyIn('pg_temp', identifier(relation.relname));
  return newKey(schema, nameOf(relation));
}

/** As PostgreSQL counts: bytes of UTF-8. */
const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');
const LONGEST = 63;

/** PostgreSQL's makeObjectName(): the longer part is cut until all fits into 63 bytes. */
function objectName(table: string, part: string, label: string): string {
  if (isShort(table, part, label)) return part ? `${table}_${part}_${label}` : `${table}_${label}`;
  const room = LONGEST - bytesOf(label) - 1 - (part ? 1 : 0);
  let [first, second] = [bytesOf(table), bytesOf(part)];
  while (first + second > room)
    if (first > second) first -= 1;
    else second -= 1;
  return [cut(table, first), ...(part ? [cut(part, second)] : []), label].join('_');
}

/** Whether it fits however many bytes its characters have: three at most for each unit of UTF-16. */
const isShort = (...parts: readonly string[]): boolean =>
  parts.reduce((sum, part) => sum + part.length * 3 + 1, 0) <= LONGEST;

/** Cut between characters, as pg_mbcliplen() does. */
function cut(text: string, length: number): string {
  if (bytesOf(text) <= length) return text;
  let kept = '';
  for (const character of text) {
    if (bytesOf(kept + character) > length) break;
    kept += character;
  }
  return kept;
}

/**
 * The name that PostgreSQL chooses: `orders_note_key`, with a number behind it where that is taken.
 *
 * @param taken - whether an object of that name, as SQL writes it, exists
 */
export function chosenName(
  table: string,
  parts: readonly string[],
  label: string,
  taken: (name: string) => boolean,
): string {
  const part = columnPart(parts.map(inCatalog));
  for (let number = 0; ; number += 1) {
    const name = identifier(objectName(inCatalog(table), part, `${label}${number || ''}`));
    if (!taken(name)) return name;
  }
}

/** ChooseIndexNameAddition(): names are added until there are 63 bytes. */
function columnPart(parts: readonly string[]): string {
  let all = '';
  for (const part of parts) {
    all += all ? `_${part}` : part;
    if (bytesOf(all) >= LONGEST) break;
  }
  return cut(all, LONGEST);
}
