import type { PlannedKeepsake } from '../../domain/keepsake.js';
import { identifier } from '../../domain/sql-name.js';
import { asColumn } from './columns.js';
import type { Reference, TableNow } from './table-now.js';

/** What happened to rows since they were kept. */
export interface Since {
  /** Table with one row a key that something happened to. */
  touched: string;
  /** Of which rows of it, `l`, nothing is taken from here. */
  skip: string;
}

/** Whether a row of the kept table `s` has the key of `l`. */
const sameKept = ({ key }: PlannedKeepsake, other: string): string =>
  key.map((_, at) => `${other}.k${at} = s.k${at}`).join(' AND ');

/** Rows of a batch with what happened to them: `s`, `l`. */
export const kept = (planned: PlannedKeepsake, source: string, where: string, since?: Since): string =>
  since
    ? `(SELECT t.* FROM ${source} t WHERE ${where}) s LEFT JOIN ${since.touched} l ON ${sameKept(planned, 'l')}`
    : `(SELECT t.* FROM ${source} t WHERE ${where}) s`;

/** The row of the table that a kept row is of. */
export const sameRow = ({ key }: PlannedKeepsake): string =>
  key.map((column, at) => `x.${identifier(column.name)} = ${asColumn(`s.k${at}`, column)}`).join(' AND ');

/**
 * Puts the values of one batch back into rows that are still there. A column that was written to since keeps that; a
 * value that refers to what is gone becomes NULL. @returns SQL that answers with `n` and `lost`
 */
export function updateValues(
  planned: PlannedKeepsake,
  now: TableNow,
  source: string,
  where: string,
  since: Since,
): string {
  const back = planned.columns.filter(({ name }) => now.columns.some((each) => each.name === name));
  if (back.length === 0) return 'SELECT 0 AS n, 0 AS lost';
  // As the triggers count them.
  const changed = planned.columns.filter(({ goes }) => goes === 'changed');
  const value = (name: string): string => {
    const at = planned.columns.findIndex((each) => each.name === name);
    const old = asColumn(`s.v${at}`, planned.columns[at]!);
    const seen = changed.findIndex((each) => each.name === name);
    const reference = referenceOf(now, name);
    const safe = reference ? `CASE WHEN ${there(reference, [old])} THEN ${old} END` : old;
    return seen < 0 ? safe : `CASE WHEN ${seen} = ANY (l.cols) THEN x.${identifier(name)} ELSE ${safe} END`;
  };
  const lost = back
    .filter(({ name }) => referenceOf(now, name))
    .map(
      ({ name }) =>
        `(x.${identifier(name)} IS NULL AND s.v${planned.columns.findIndex((each) => each.name === name)} IS NOT NULL)`,
    );
  const columns = back.map(({ name }) => identifier(name));
  const values = back.map(({ name }) => value(name));
  const texts = (all: readonly string[]) => `ROW(${all.map((each) => `(${each})::text`).join(', ')})`;
  return `WITH done AS (
      UPDATE ${planned.table} x SET (${columns.join(', ')}) = ROW(${values.join(', ')})
      FROM ${kept(planned, source, where, since)}
      WHERE ${sameRow(planned)} AND (l.k0 IS NULL OR NOT (${since.skip}))
        AND ${texts(columns.map((name) => `x.${name}`))} IS DISTINCT FROM ${texts(values)}
      RETURNING ${lost.join(' OR ') || 'false'} AS lost)
    SELECT count(*) AS n, count(*) FILTER (WHERE lost) AS lost FROM done`;
}

/** Whether what a foreign key refers to is there. */
export const there = ({ to, others }: Reference, values: readonly string[]): string => {
  const same = others.map((name, at) => `p.${identifier(name)} = ${values[at]}`);
  const none = values.map((value) => `${value} IS NULL`);
  return `(${none.join(' OR ')} OR EXISTS (SELECT FROM ${to} p WHERE ${same.join(' AND ')}))`;
};

const referenceOf = ({ references }: TableNow, name: string): Reference | undefined =>
  references.find(({ columns }) => columns.length === 1 && columns[0] === name);
