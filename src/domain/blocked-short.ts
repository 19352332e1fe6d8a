import type { Blocked } from './blocked.js';

/** Whether something of the migration is committed, so that the database is neither as before nor as it will be. */
export const isPartly = ({ committed, midway }: Pick<Blocked, 'committed' | 'midway'>): boolean =>
  committed.length > 0 || midway === true;

const MOST_HOLDERS = 10;
const QUERY_CHARS = 80;
const STATEMENT_CHARS = 200;

/** As a record keeps it: small. Only who is named in it can be ended. */
export const shortened = (blocked: Blocked): Blocked => ({
  ...blocked,
  statement: cut(blocked.statement, STATEMENT_CHARS),
  relations: blocked.relations.slice(0, MOST_HOLDERS),
  holders: blocked.holders
    .slice(0, MOST_HOLDERS)
    .map((holder) => ({ ...holder, query: holder.query === null ? null : cut(holder.query, QUERY_CHARS) })),
});

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
