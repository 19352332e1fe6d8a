import { KEEPSAKES, type Keepsake, type KeepsakeState, type PlannedKeepsake } from '../../domain/keepsake.js';
import type { Client } from '../postgres/client.js';
import { movedTable, namesOf } from './names.js';
import { isThere } from '../postgres/is-there.js';
import { inTransaction } from '../postgres/transaction.js';

/** `KEEP` twice, in ASCII: two sessions that make the schema at once would meet in the catalog. */
const MAKES = [1262830928, 1262830928] as const;

/** Makes the schema and its list of keepsakes. Harmless twice. @throws what PostgreSQL says where it is not allowed */
export async function makeSchema(client: Client): Promise<void> {
  await inTransaction(client, async () => {
    await client.query('SELECT pg_advisory_xact_lock($1, $2)', [...MAKES]);
    await client.query(`
      CREATE SCHEMA IF NOT EXISTS ${KEEPSAKES};
      COMMENT ON SCHEMA ${KEEPSAKES} IS 'Lockkeeper: what destructive changes took, see lockkeeper keepsake list';
      CREATE TABLE IF NOT EXISTS ${KEEPSAKES}.keepsake (
        id text PRIMARY KEY, target text NOT NULL, run_id text NOT NULL, plan_hash text NOT NULL,
        owner text NOT NULL, planned jsonb NOT NULL, state text NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now(), ends_at timestamptz NOT NULL,
        copied_blocks bigint NOT NULL DEFAULT 0, copied_piece int NOT NULL DEFAULT 0, rows bigint,
        back_step int NOT NULL DEFAULT 0, back_block bigint NOT NULL DEFAULT 0, broken text)`);
  });
}

interface Row extends Omit<Keepsake, 'broken' | 'bytes' | 'rows'> {
  broken: string | null;
  rows: string | null;
}

const iso = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

const selected = `SELECT id, target, run_id AS "runId", plan_hash AS "planHash", owner, planned, state,
  ${iso('made_at')} AS "madeAt", ${iso('ends_at')} AS "endsAt", rows, broken FROM ${KEEPSAKES}.keepsake`;

/** @returns all, the oldest first; none where there never was one */
export async function keepsakesIn(
  client: Client,
  only: { runId?: string; planHash?: string; id?: string } = {},
): Promise<Keepsake[]> {
  if (!(await hasSchema(client))) return [];
  const { rows } = await client.query<Row>(
    `${selected} WHERE ($1::text IS NULL OR run_id = $1) AND ($2::text IS NULL OR plan_hash = $2)
      AND ($3::text IS NULL OR id = $3) ORDER BY made_at, id`,
    [only.runId ?? null, only.planHash ?? null, only.id ?? null],
  );
  const found: Keepsake[] = [];
  for (const { broken, rows: copied, ...row } of rows) {
    const bytes = await bytesOf(client, row.id, row.runId, row.planned);
    const more = broken === null ? {} : { broken };
    found.push({ ...row, ...more, bytes, rows: copied === null ? null : Number(copied) });
  }
  return found;
}

export const hasSchema = (client: Client): Promise<boolean> => isThere(client, `${KEEPSAKES}.keepsake`);

async function bytesOf(client: Client, id: string, runId: string, planned: PlannedKeepsake): Promise<number> {
  const { bulk, late, log } = namesOf(id, planned.table);
  const tables = planned.how === 'moved' ? [movedTable({ planned, runId })] : [bulk, late, log];
  const { rows } = await client.query<{ bytes: number }>(
    `SELECT coalesce(sum(pg_total_relation_size(to_regclass(name))), 0)::float8 AS bytes FROM unnest($1::text[]) name`,
    [tables],
  );
  return rows[0]!.bytes;
}

export interface NewKeepsake extends Pick<
  Keepsake,
  'id' | 'target' | 'runId' | 'planHash' | 'owner' | 'planned'
> {
  days: number;
  state: KeepsakeState;
}

/** Harmless twice. */
export const note = (client: Client, made: NewKeepsake): Promise<unknown> =>
  client.query(
    `INSERT INTO ${KEEPSAKES}.keepsake (id, target, run_id, plan_hash, owner, planned, state, ends_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(days => $8)) ON CONFLICT (id) DO NOTHING`,
    [
      ...[made.id, made.target, made.runId, made.planHash, made.owner],
      ...[JSON.stringify(made.planned), made.state, made.days],
    ],
  );

/** Of one keepsake; names are columns of ours. */
export async function set(client: Client, id: string, values: Record<string, unknown>): Promise<void> {
  const names = Object.keys(values);
  await client.query(
    `UPDATE ${KEEPSAKES}.keepsake SET ${names.map((name, at) => `${name} = $${at + 2}`).join(', ')} WHERE id = $1`,
    [id, ...Object.values(values)],
  );
}
