import { performance } from 'node:perf_hooks';
import type { Client } from '../postgres/client.js';
import { codeOf, isLost } from '../postgres/failures.js';
import { advanceSql, CLAIM_VALUES, claimSql, claimValues, type Journal } from './journal.js';
import { refusalOf, type Refusal } from './refusals.js';
import { keyIn, type BackfillSql } from './sql.js';

export type Batch =
  /** Committed, with the place where it ended. `ahead`: the rows after it, where that many are there. */
  | { is: 'done'; rows: number; changed: number; ms: number; at: string[]; ahead: Range | null }
  /** Rolled back. */
  | { is: 'refused'; refusal: Refusal; rows: number; at: string[]; code: string; error: string }
  /** Another session has gone on from there, or changes the database: look again. */
  | { is: 'moved' };

/** Rows after the last one that was done. */
export interface Range {
  /** The key of the last of them. */
  at: string[];
  rows: number;
}

/** Up to so many rows after the last one that was done, and not beyond the end of the pass. */
export async function rangeOf(
  client: Client,
  sql: BackfillSql,
  { at, until }: Journal,
  most: number,
): Promise<Range> {
  const [after, end] = at ? [1, 1 + sql.width] : [null, 1];
  const values = [...(at ?? []), ...(until ?? [])];
  const { rows } = await client.query<Record<string, string>>(sql.boundary(after, end, most), values);
  if (rows[0]) return { at: keyIn(rows[0], sql.width), rows: most };
  const rest = await client.query<{ n: number }>(sql.rowsIn(after, end), values);
  return { at: until ?? [], rows: rest.rows[0]?.n ?? 0 };
}

interface Did extends Record<string, unknown> {
  changed: number;
}

/**
 * Changes the rows of one batch, or compares them, moves the journal on and finds the rows after them: one statement, and so
 * one transaction and one answer to wait for.
 *
 * @param ahead - as the batch before found them; a number: so many, to be looked for
 */
export function doRows(
  client: Client,
  sql: BackfillSql,
  journal: Journal,
  ahead: Range | number,
): Promise<Batch> {
  let range: Range = typeof ahead === 'number' ? { at: [], rows: ahead } : ahead;
  return answered(
    () => range,
    async () => {
      if (typeof ahead === 'number') range = await rangeOf(client, sql, journal, ahead);
      const [did] = (await client.query<Did>(batchText(sql, journal, range), valuesOf(journal, range))).rows;
      if (!did) return null;
      const next = did['k0'] === null ? null : { at: keyIn(did, sql.width), rows: range.rows };
      return { changed: did.changed, ahead: next };
    },
  );
}

const ONLY = 'EXISTS (SELECT FROM claimed)';

function batchText(sql: BackfillSql, { at, phase }: Journal, { rows }: Range): string {
  const end = at ? 1 + sql.width : 1;
  const [last, claim] = [end + sql.width, end + 2 * sql.width];
  const act = phase === 'rows' ? sql.update : sql.compare;
  return `WITH claimed AS (${claimSql(claim)}),
    ${act(at ? 1 : null, end, ONLY)},
    moved AS (${advanceSql(claim + CLAIM_VALUES, 'SELECT * FROM counted')} AND ${ONLY} RETURNING c.changed)
    SELECT * FROM moved LEFT JOIN (${sql.boundary(end, last, Math.max(1, rows))}) ahead ON true`;
}

const valuesOf = (journal: Journal, { at, rows }: Range): unknown[] => [
  ...[...(journal.at ?? []), ...at, ...(journal.until ?? [])],
  ...[...claimValues(journal), journal.id, at, rows],
];

/** What became of it. @param act - null: somebody else has gone on from there */
export async function answered(
  range: () => Range,
  act: () => Promise<{ changed: number; ahead: Range | null } | null>,
): Promise<Batch> {
  const began = performance.now();
  try {
    const did = await act();
    return did ? { is: 'done', ...range(), ...did, ms: performance.now() - began } : { is: 'moved' };
  } catch (error) {
    const refusal = refusalOf(error);
    // A session that is gone says nothing of what became of its batch: the journal does.
    if (!refusal || isLost(error)) throw error;
    const { message } = error as Error;
    return { is: 'refused', refusal, ...range(), code: codeOf(error) ?? '', error: message };
  }
}
