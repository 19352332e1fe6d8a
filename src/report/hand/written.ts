import type { Hand } from '../../domain/hand.js';
import { identifier, literal, psql } from './shell.js';

/**
 * SQL that stops where a downgrade would remove what was written since. Of a column the value that it was added
 * with does not count: see `rowsIn`.
 */
export function nothingWritten({ tables, columns }: Hand['removes']): string[] {
  if (!tables.length && !columns.length) return [];
  return psql('LIVE', [
    '-- stops where something was written since: then leave the schema as it is, the release before runs on it',
    ...tables.flatMap((table) => stopAt(table, `select from ${table}`, isThere(table))),
    ...columns.flatMap(({ table, column }) =>
      stopAt(
        `${table}.${column}`,
        valuesIn(table, column),
        `${isThere(table)} and exists (${inCatalog(table, column)})`,
      ),
    ),
  ]);
}

/** The inner statement is only sent where its table is there. */
function stopAt(what: string, rows: string, where: string): string[] {
  const words = literal(`${what} was written since`);
  const statement = `do $lk$ begin if exists (${rows}) then raise exception using message = ${words}; end if; end $lk$`;
  return [`select ${literal(statement)} where ${where} \\gexec`];
}

const isThere = (table: string): string => `to_regclass(${literal(table)}) is not null`;

const inCatalog = (table: string, column: string, what = ''): string =>
  `select ${what} from pg_attribute where attrelid = to_regclass(${literal(table)}) and attname = ${literal(column)}`;

function valuesIn(table: string, column: string): string {
  const name = `t.${identifier(column)}`;
  const added = inCatalog(table, column, '(attmissingval::text::text[])[1]');
  return `select from ${table} as t where ${name} is not null and ${name}::text is distinct from (${added})`;
}
