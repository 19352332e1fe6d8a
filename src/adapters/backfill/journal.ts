import type { BackfillDefinition, BackfillStanding } from '../../domain/backfill/definition.js';
import { backfillDone, backfillNoSchema, backfillOther } from '../../domain/problems/backfill.js';
import { isUnchanging } from '../postgres/advisory-lock.js';
import type { Client } from '../postgres/client.js';
import { codeOf } from '../postgres/failures.js';
import { isThere } from '../postgres/is-there.js';

/** Where a backfill is: kept in the database itself, and written by the transaction that changes the rows. */
export interface Journal extends BackfillStanding {
  id: string;
  definition: BackfillDefinition;
  /** The key of the last row that was done; null: none was. */
  at: string[] | null;
  /** The key of the last row of this pass; null: not looked for yet. */
  until: string[] | null;
}

/** A schema of ours: its name begins with what no fingerprint counts. */
export const SCHEMA = 'lockkeeper_backfill';

const make = `
  CREATE SCHEMA IF NOT EXISTS ${SCHEMA};
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.runs (
    id text PRIMARY KEY, definition jsonb NOT NULL, phase text NOT NULL, pass int NOT NULL,
    at text[], until text[], scanned bigint NOT NULL DEFAULT 0, changed bigint NOT NULL DEFAULT 0,
    batches bigint NOT NULL DEFAULT 0, estimate bigint NOT NULL, "left" bigint, differ bigint,
    begun_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now()
  ) WITH (fillfactor = 10);
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.parked (
    id text NOT NULL REFERENCES ${SCHEMA}.runs ON DELETE CASCADE, key text[] NOT NULL, code text NOT NULL,
    error text NOT NULL, tries int NOT NULL DEFAULT 1, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (id, key)
  )`;

const read = `
  SELECT r.id, r.definition, r.phase, r.pass, r.at, r.until, r.scanned::float8 AS scanned, r.changed::float8 AS changed,
    r.batches::float8 AS batches, r.estimate::float8 AS estimate, r."left"::float8 AS left, r.differ::float8 AS differ,
    (SELECT count(*)::float8 FROM ${SCHEMA}.parked p WHERE p.id = r.id) AS parked
  FROM ${SCHEMA}.runs r WHERE r.id = $1`;

/** The last one that is made. */
const hasTables = (client: Client): Promise<boolean> => isThere(client, `${SCHEMA}.parked`);

export const journalId = (target: string, name: string): string => `${target}:${name}`;

/** @returns null where there is none of that id */
export async function readJournal(client: Client, id: string): Promise<Journal | null> {
  if (!(await hasTables(client))) return null;
  return (await client.query<Journal>(read, [id])).rows[0] ?? null;
}

/** Takes away what is noted of backfills, with their parked rows. @returns of how many */
export async function forgetJournal(client: Client, ids: readonly string[]): Promise<number> {
  if (!(await hasTables(client))) return 0;
  const { rowCount } = await client.query(`DELETE FROM ${SCHEMA}.runs WHERE id = ANY ($1)`, [ids]);
  return rowCount ?? 0;
}

/** What makes it another backfill; the rest may change between one start and the next. */
const essence = ['table', 'set', 'python', 'where', 'key'] as const;

/**
 * Begins a backfill, or goes on with the one of that id.
 *
 * @param again - begin anew, whatever was done
 * @throws Problem `backfill-no-schema`, `backfill-other`, `backfill-done`
 */
export async function openJournal(
  client: Client,
  id: string,
  definition: BackfillDefinition,
  estimate: number,
  again: boolean,
): Promise<Journal> {
  await makeTables(client);
  const there = await readJournal(client, id);
  const name = id.slice(id.indexOf(':') + 1);
  if (there && !again) {
    const differs = essence.filter(
      (key) => asText(there.definition[key] ?? null) !== asText(definition[key] ?? null),
    );
    if (differs.length) throw backfillOther(name, differs);
    if (isOver(there)) throw backfillDone(name, there.changed);
    await client.query(`UPDATE ${SCHEMA}.runs SET definition = $2 WHERE id = $1`, [id, definition]);
    if (there.phase === 'done') await enter(client, there, { ...onceMore(there), until: null });
  } else {
    await client.query(
      `WITH gone AS (DELETE FROM ${SCHEMA}.parked WHERE id = $1)
       INSERT INTO ${SCHEMA}.runs (id, definition, phase, pass, estimate) VALUES ($1, $2, 'rows', 1, $3)
       ON CONFLICT (id) DO UPDATE SET (definition, phase, pass, at, until, scanned, changed, batches, estimate, "left",
         differ, begun_at) = ROW (excluded.definition, 'rows', 1, NULL, NULL, 0, 0, 0, excluded.estimate, NULL, NULL, now())`,
      [id, definition, Math.round(estimate)],
    );
  }
  return (await readJournal(client, id))!;
}

/** Ended with rows left: they are tried again. Without a condition nothing tells which rows have it already. */
const onceMore = ({ parked, pass, definition }: Journal): Pick<Journal, 'phase' | 'pass'> => ({
  phase: parked ? 'parked' : definition.where === null ? 'verify' : 'rows',
  pass: pass + 1,
});

/** Keys in order: jsonb has its own. */
const asText = (value: unknown): string =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : JSON.stringify(value);

const isOver = ({ phase, left, differ, parked }: Journal): boolean =>
  phase === 'done' && !left && !differ && !parked;

async function makeTables(client: Client): Promise<void> {
  for (let tries = 1; ; tries += 1)
    try {
      if (!(await hasTables(client))) await client.query(make);
      return;
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (code === '42501') throw backfillNoSchema(client.user ?? '', (error as Error).message);
      // Two that make it at once: one of them is told of it.
      if (tries === 3 || !['23505', '42P06', '42P07', 'XX000'].includes(code)) throw error;
    }
}

/**
 * The journal's row, locked, where it is still as it was read; none where somebody has gone on from there, or changes this
 * database.
 *
 * @param first - number of the first of the parameters, `claimValues`
 */
export const claimSql = (first: number): string =>
  `SELECT FROM ${SCHEMA}.runs WHERE id = $${first} AND phase = $${first + 1} AND pass = $${first + 2}
     AND at IS NOT DISTINCT FROM $${first + 3}::text[] AND ${isUnchanging} FOR UPDATE`;

export const CLAIM_VALUES = 4;
export const claimValues = ({ id, phase, pass, at }: Journal): unknown[] => [id, phase, pass, at];

/** Of the journal where it is, in the caller's transaction. @returns false: somebody else has gone on from there, or must first end */
export async function claim(client: Client, journal: Journal): Promise<boolean> {
  return (await client.query(claimSql(1), claimValues(journal))).rowCount === 1;
}

export interface Advance {
  at: readonly string[];
  rows: number;
  changed?: number;
  differ?: number;
}

/**
 * Moves it on.
 *
 * @param first - number of the first of the parameters: its id, the key, how many rows
 * @param counted - of one row: `changed`, `left` and `differ`, which it returns
 */
export const advanceSql = (first: number, counted: string): string =>
  `UPDATE ${SCHEMA}.runs r SET at = $${first + 1}::text[], scanned = scanned + $${first + 2}::float8,
     changed = r.changed + c.changed, "left" = r."left" + c."left", differ = r.differ + c.differ,
     batches = batches + 1, updated_at = clock_timestamp()
   FROM (${counted}) c WHERE r.id = $${first}`;

/** The same in the caller's transaction, by what is known. */
export const advance = (
  client: Client,
  id: string,
  { at, rows, changed = 0, differ = 0 }: Advance,
): Promise<unknown> =>
  client.query(advanceSql(1, 'SELECT $4::float8 AS changed, 0::float8 AS "left", $5::float8 AS differ'), [
    ...[id, at, rows, changed, differ],
  ]);

/** The same of what was read. */
export const advanced = (
  journal: Journal,
  { at, rows, changed }: Advance & { changed: number },
): Journal => ({
  ...journal,
  ...{ at: [...at], scanned: journal.scanned + rows },
  ...{ changed: journal.changed + changed, batches: journal.batches + 1 },
});

/** To another phase, or to the end of this pass that was just found. @returns false: somebody else did */
export async function enter(
  client: Client,
  from: Journal,
  to: Pick<Journal, 'phase' | 'pass' | 'until'>,
): Promise<boolean> {
  const begins = to.phase !== from.phase || to.pass !== from.pass;
  const counts = begins && to.phase === 'verify' ? ', "left" = 0, differ = 0' : '';
  const reset = begins && to.phase !== 'done' ? `, at = NULL, scanned = 0${counts}` : '';
  const { rowCount } = await client.query(
    `UPDATE ${SCHEMA}.runs SET phase = $4, pass = $5, until = $6, updated_at = clock_timestamp()${reset}
     WHERE id = $1 AND phase = $2 AND pass = $3 AND until IS NOT DISTINCT FROM $7`,
    [from.id, from.phase, from.pass, to.phase, to.pass, to.until, from.until],
  );
  return rowCount === 1;
}
