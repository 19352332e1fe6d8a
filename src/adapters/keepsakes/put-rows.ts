import type { PlannedKeepsake } from '../../domain/keepsake.js';
import { identifier } from '../../domain/sql-name.js';
import type { Client } from '../postgres/client.js';
import { asColumn } from './columns.js';
import { kept, sameRow, there, type Since } from './put-values.js';
import type { TableNow } from './table-now.js';

/**
 * Puts the rows of one batch back that are not there. One that refers to what is gone is left out, and counted.
 *
 * @param since - of a copy; a table that was moved nobody has touched
 * @returns SQL that answers with `n` and `lost`
 */
export function insertRows(
  planned: PlannedKeepsake,
  now: TableNow,
  source: string,
  where: string,
  since?: Since,
): string {
  const all = [...planned.key, ...planned.columns];
  const columns = now.columns.filter(({ name }) => all.some((each) => each.name === name));
  const names = columns.map(({ name }) => identifier(name)).join(', ');
  const values = columns.map(({ name }) => `${valueOf(planned, name)} AS ${identifier(name)}`).join(', ');
  const parents = now.references
    .filter(
      ({ ofItself, columns: from }) =>
        !ofItself && from.every((name) => columns.some((each) => each.name === name)),
    )
    .map((reference) =>
      there(
        reference,
        reference.columns.map((name) => `c.${identifier(name)}`),
      ),
    );
  const whole = parents.join(' AND ') || 'true';
  const missing =
    now.key.length === 0
      ? 'true'
      : `NOT EXISTS (SELECT FROM ${planned.table} x WHERE ${sameKey(planned, now)})`;
  const alive = since ? `(l.k0 IS NULL OR NOT (${since.skip}))` : 'true';
  return `WITH c AS (SELECT ${values} FROM ${kept(planned, source, where, since)} WHERE ${missing} AND ${alive}),
    done AS (
      INSERT INTO ${planned.table} (${names}) OVERRIDING SYSTEM VALUE
      SELECT ${names} FROM c WHERE ${whole} RETURNING 1)
    SELECT (SELECT count(*) FROM done) AS n, (SELECT count(*) FROM c WHERE NOT (${whole})) AS lost`;
}

/** The value of a column in the kept row `s`. */
function valueOf(planned: PlannedKeepsake, name: string): string {
  if (planned.how === 'moved') return `s.${identifier(name)}`;
  const key = planned.key.findIndex((each) => each.name === name);
  if (key >= 0) return asColumn(`s.k${key}`, planned.key[key]!);
  const at = planned.columns.findIndex((each) => each.name === name);
  return asColumn(`s.v${at}`, planned.columns[at]!);
}

const sameKey = (planned: PlannedKeepsake, now: TableNow): string =>
  planned.how === 'moved'
    ? now.key.map(({ name }) => `x.${identifier(name)} = s.${identifier(name)}`).join(' AND ')
    : sameRow(planned);

/** Behind the largest value that is there: the next one must be new. */
export async function setSequences(client: Client, table: string, { columns }: TableNow): Promise<void> {
  for (const { name, sequence } of columns)
    if (sequence !== null)
      await client.query(
        `SELECT setval($1, greatest(max(${identifier(name)}), (SELECT last_value FROM ${sequence})))
         FROM ${table} HAVING max(${identifier(name)}) IS NOT NULL`,
        [sequence],
      );
}
