import type { Client } from '../../../src/adapters/postgres/client.js';
import { inside } from './support.js';

export const ACCOUNTS = 50;
export const START = 1_000;
export const REWRITTEN = 2_000;

export const workloadSchema = `
  CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL);
  INSERT INTO accounts SELECT n, ${START} FROM generate_series(1, ${ACCOUNTS}) n;
  CREATE TABLE ledger (id text PRIMARY KEY, n bigserial, about jsonb NOT NULL);
  CREATE TABLE unkeyed (id text, at timestamptz DEFAULT clock_timestamp());
  CREATE TABLE parts (id text NOT NULL, k int NOT NULL) PARTITION BY LIST (k);
  CREATE TABLE parts_0 PARTITION OF parts FOR VALUES IN (0);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
  CREATE TABLE files (id text PRIMARY KEY, object oid NOT NULL);
  CREATE TABLE private (id text PRIMARY KEY);
  ALTER TABLE private ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
  CREATE POLICY nobody ON private USING (false);
  CREATE MATERIALIZED VIEW richest AS SELECT max(balance) AS most FROM accounts;
  CREATE TABLE rewritten (id int PRIMARY KEY, x text NOT NULL);
  INSERT INTO rewritten SELECT n, md5(n::text) FROM generate_series(1, ${REWRITTEN}) n;
  CREATE TABLE bulk AS SELECT n, md5(n::text) || md5((n * 3)::text) AS x FROM generate_series(1, 60000) n;
  ANALYZE`;

/** One transaction of a client: when it was sent and when its commit was answered, by our clock. */
export interface Entry {
  id: string;
  begun: number;
  acknowledged?: number;
}

/** A client of the application: transfers, and a line in each table for it, in one transaction. */
export class Workload {
  readonly entries: Entry[] = [];

  constructor(
    private readonly name: number,
    private readonly random: () => number,
  ) {}

  async run(url: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted)
      await inside(url, (client) => this.#transfers(client, signal)).catch(() => undefined);
  }

  async #transfers(client: Client, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const entry: Entry = { id: `${this.name}-${this.entries.length}`, begun: Date.now() };
      this.entries.push(entry);
      try {
        await this.#transfer(client, entry.id);
        entry.acknowledged = Date.now();
      } catch (error) {
        // It may be there or not: the session was ended before the answer.
        await client.query('ROLLBACK');
        throw error;
      }
    }
  }

  async #transfer(client: Client, id: string): Promise<void> {
    const [a, b, k] = [this.#account(), this.#account(), Math.round(this.random())];
    await client.query('BEGIN');
    await client.query('UPDATE accounts SET balance = balance - 1 WHERE id = $1', [Math.min(a, b)]);
    await client.query('UPDATE accounts SET balance = balance + 1 WHERE id = $1', [Math.max(a, b)]);
    await client.query('INSERT INTO ledger (id, about) VALUES ($1, $2)', [id, { from: a, to: b }]);
    await client.query('INSERT INTO unkeyed (id) VALUES ($1)', [id]);
    await client.query('INSERT INTO parts VALUES ($1, $2)', [id, k]);
    await client.query('INSERT INTO private VALUES ($1)', [id]);
    await client.query(`INSERT INTO files SELECT $1, lo_from_bytea(0, convert_to($1, 'UTF8'))`, [id]);
    await client.query('COMMIT');
  }

  #account = (): number => 1 + Math.floor(this.random() * ACCOUNTS);

  /** Acknowledged entries that are missing although a later one of this client is there. */
  gaps(ids: ReadonlySet<string>): string[] {
    const last = this.entries.findLastIndex(({ id }) => ids.has(id));
    return this.entries
      .slice(0, Math.max(0, last))
      .filter(({ id, acknowledged }) => acknowledged !== undefined && !ids.has(id))
      .map(({ id }) => id);
  }
}

export interface Found {
  sum: number;
  rewritten: number;
  ledger: string[];
  /** Whether each line of the ledger has its line in every other table, and its large object; and none more. */
  pairs: boolean;
}

const pairs = `SELECT bool_and(same) AS pairs FROM (
  SELECT (SELECT array_agg(id ORDER BY id) FROM ledger) IS NOT DISTINCT FROM (SELECT array_agg(id ORDER BY id) FROM unkeyed)
  UNION ALL SELECT (SELECT array_agg(id ORDER BY id) FROM ledger) IS NOT DISTINCT FROM (SELECT array_agg(id ORDER BY id) FROM parts)
  UNION ALL SELECT (SELECT array_agg(id ORDER BY id) FROM ledger) IS NOT DISTINCT FROM (SELECT array_agg(id ORDER BY id) FROM private)
  UNION ALL SELECT (SELECT array_agg(id ORDER BY id) FROM ledger) IS NOT DISTINCT FROM (
    SELECT array_agg(convert_from(lo_get(object), 'UTF8') ORDER BY id) FROM files)
  UNION ALL SELECT (SELECT count(*) FROM files) = (SELECT count(*) FROM pg_largeobject_metadata)
  UNION ALL SELECT coalesce((SELECT max(n) FROM ledger), 0) <= (SELECT last_value FROM ledger_n_seq)
  UNION ALL SELECT (SELECT count(*) FROM richest) = 1
  UNION ALL SELECT (SELECT bool_and(x = md5(id::text)) FROM rewritten)
) AS looked (same)`;

/** Reads a restored copy. */
export const check = (url: string): Promise<Found> =>
  inside(url, async (client) => {
    const { rows } = await client.query<Omit<Found, 'ledger' | 'pairs'>>(
      `SELECT (SELECT sum(balance) FROM accounts)::int AS sum, (SELECT count(*) FROM rewritten)::int AS rewritten`,
    );
    const ledger = await client.query<{ id: string }>('SELECT id FROM ledger');
    const same = await client.query<{ pairs: boolean }>(pairs);
    return { ...rows[0]!, ledger: ledger.rows.map(({ id }) => id), pairs: same.rows[0]!.pairs };
  });
