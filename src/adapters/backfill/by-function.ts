import type { RowTexts } from '../alembic/events.js';
import type { Client } from '../postgres/client.js';
import { inTransaction } from '../postgres/transaction.js';
import { answered, rangeOf, type Batch, type Range } from './batch.js';
import type { FunctionSql } from './function-sql.js';
import { advanceSql, claim, type Journal } from './journal.js';
import type { RowFunction } from './row-function.js';
import { keyIn, type BackfillSql } from './sql.js';

/** Every value as PostgreSQL's text. */
const asTexts = { getTypeParser: () => (value: string) => value };

/** What a batch by a function of the user works with. */
export interface ByFunction {
  client: Client;
  sql: BackfillSql;
  texts: FunctionSql;
  call: Pick<RowFunction, 'call'>;
}

/**
 * Locks the rows of one batch, has the function make what is written of them, writes it and moves the journal on, all in one
 * transaction: what the application writes meanwhile waits, and is not lost.
 */
export function doRowsBy(by: ByFunction, journal: Journal, ahead: Range | number): Promise<Batch> {
  const { client, sql, texts } = by;
  let range: Range = typeof ahead === 'number' ? { at: [], rows: ahead } : ahead;
  return answered(
    () => range,
    () =>
      inTransaction(client, async () => {
        if (!(await claim(client, journal))) return null;
        if (typeof ahead === 'number') range = await rangeOf(client, sql, journal, ahead);
        const { at } = journal;
        const values = await made(by, texts.lock(at ? 1 : null, at ? 1 + sql.width : 1), [
          ...(at ?? []),
          ...range.at,
        ]);
        const [did] = (
          await client.query<{ changed: number }>(writeText(by, range), [
            ...[...range.at, ...(journal.until ?? [])],
            ...[...values, journal.id, range.at, range.rows],
          ])
        ).rows;
        const there = did && 'k0' in did && did.k0 !== null;
        const next = there ? { at: keyIn(did, sql.width), rows: range.rows } : null;
        return { changed: did?.changed ?? 0, ahead: next };
      }),
  );
}

/** Changes the one row, in the caller's transaction. @returns rows that it changed */
export async function doOneBy(by: ByFunction, key: readonly string[]): Promise<number> {
  const values = await made(by, by.texts.lockOne, key);
  const { rows } = await by.client.query<{ changed: number }>(
    `WITH ${by.texts.write(1)} SELECT changed FROM counted`,
    values,
  );
  return rows[0]?.changed ?? 0;
}

/** What the function makes of the rows that it locks: a list for each column of the key and each that is written. */
async function made(
  { client, texts: { shape }, call }: ByFunction,
  lock: string,
  keys: readonly string[],
): Promise<(string | null)[][]> {
  const { rows } = await client.query<(string | null)[]>({
    ...{ text: lock, values: [...keys], rowMode: 'array', types: asTexts },
  });
  const given: (RowTexts | null)[] = rows.length ? await call.call(rows) : [];
  const written = rows.flatMap((row, at) => {
    const values = given[at];
    return values ? [[...row.slice(0, shape.width), ...values]] : [];
  });
  const columns = shape.width + shape.writes.length;
  return Array.from({ length: columns }, (_, at) => written.map((row) => row[at] ?? null));
}

function writeText({ sql, texts: { shape, write } }: ByFunction, { rows }: Range): string {
  const values = 1 + 2 * sql.width;
  const move = values + shape.width + shape.writes.length;
  return `WITH ${write(values)},
    moved AS (${advanceSql(move, 'SELECT * FROM counted')} RETURNING c.changed)
    SELECT * FROM moved LEFT JOIN (${sql.boundary(1, 1 + sql.width, Math.max(1, rows))}) ahead ON true`;
}
