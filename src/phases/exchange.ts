import { literally } from '../domain/pattern.js';

/**
 * An expression as PostgreSQL prints it, with one column in place of another: not in texts, not where the word is a
 * function's, a type's or another relation's.
 */
export function exchange(expression: string, from: string, to: string): string {
  const word = new RegExp(`(?<![\\w$".:])${literally(from)}(?![\\w$"(.])`, 'g');
  return expression
    .split(/('(?:[^']|'')*')/)
    .map((part, index) => (index % 2 ? part : part.replace(word, to)))
    .join('');
}

/** The part of an index's definition behind its method, where columns are named; the rest names index and table. */
export function indexOn(definition: string, from: string, to: string): string {
  const [, before, method, columns] = /^(.*? USING )(\S+ )([^]*)$/.exec(definition) ?? [];
  return columns === undefined ? definition : `${before}${method}${exchange(columns, from, to)}`;
}

/** `CREATE UNIQUE INDEX CONCURRENTLY name ON table …` of a definition as PostgreSQL prints it. */
export function concurrently(definition: string, name: string, table: string): string {
  const [, unique, rest] = /^CREATE (UNIQUE )?INDEX .*? (USING [^]*)$/.exec(definition) ?? [];
  return `CREATE ${unique ?? ''}INDEX CONCURRENTLY ${name} ON ${table} ${rest ?? ''}`;
}

/** A foreign key's definition on another column: what stands in front of REFERENCES is its own. */
export function referenceOn(definition: string, from: string, to: string): string {
  const at = definition.indexOf(' REFERENCES ');
  return exchange(definition.slice(0, at), from, to) + definition.slice(at);
}
