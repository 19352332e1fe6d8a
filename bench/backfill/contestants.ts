import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { query } from '../../test/services/backfill/support.js';

/** What is computed for each row. */
export const EXPRESSION = 'a * 3 + length(pad)';

/** A table of so many rows, of about 100 bytes each, vacuumed and analysed. */
export async function fill(url: string, rows: number): Promise<void> {
  await query(url, 'DROP TABLE IF EXISTS t');
  await query(url, 'CREATE TABLE t (id bigint PRIMARY KEY, a int NOT NULL, b bigint, pad text NOT NULL)');
  await query(
    url,
    `INSERT INTO t SELECT i, i % 1000, NULL, repeat('x', 40 + i::int % 40) FROM generate_series(1, ${rows}) i`,
  );
  await query(url, 'VACUUM (ANALYZE) t');
  await query(url, 'CHECKPOINT');
}

/** @throws Error when a row has another value than it should */
export async function assertFilled(url: string): Promise<void> {
  const [wrong] = await query<{ n: string }>(
    url,
    `SELECT count(*) AS n FROM t WHERE b IS DISTINCT FROM ${EXPRESSION}`,
  );
  if (wrong?.n !== '0') throw new Error(`${wrong?.n} rows are not as they should be`);
}

/** A script that goes through the keys in batches, as one writes it by hand. @returns milliseconds */
export const plainLoop = (pgBin: string, url: string, rows: number, batch = 10_000): number =>
  psql(pgBin, url, [
    '\\set last 0',
    ...Array.from({ length: Math.ceil(rows / batch) }, () => [
      `SELECT max(id) AS upper FROM (SELECT id FROM t WHERE id > :last ORDER BY id LIMIT ${batch}) s \\gset`,
      `UPDATE t SET b = ${EXPRESSION} WHERE id > :last AND id <= :upper;`,
      '\\set last :upper',
    ]).flat(),
  ]);

/**
 * What pgroll 0.14 sends (pkg/backfill): a trigger computes the value, batches of 1,000 rows are locked and then have
 * their key set to itself. Its trigger and column are made before the time begins.
 */
export async function pgroll(pgBin: string, url: string, rows: number): Promise<number> {
  await query(
    url,
    `ALTER TABLE t ADD COLUMN _pgroll_needs_backfill boolean DEFAULT true;
     CREATE OR REPLACE FUNCTION _pgroll_trigger_t_b() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE
       "id" "public"."t"."id"%TYPE := NEW."id"; "a" "public"."t"."a"%TYPE := NEW."a";
       "b" "public"."t"."b"%TYPE := NEW."b"; "pad" "public"."t"."pad"%TYPE := NEW."pad";
       latest_schema text; search_path text;
     BEGIN
       SELECT current_setting INTO search_path FROM current_setting('search_path');
       IF search_path != 'public_02_latest' THEN
         NEW."b" = ${EXPRESSION};
         NEW."_pgroll_needs_backfill" = false;
       END IF;
       RETURN NEW;
     END; $$;
     CREATE TRIGGER _pgroll_trigger_t_b BEFORE UPDATE OR INSERT ON t FOR EACH ROW
       EXECUTE PROCEDURE _pgroll_trigger_t_b()`,
  );
  const batch = (after: string) => `BEGIN;
WITH batch AS (SELECT "id" FROM "t" WHERE "_pgroll_needs_backfill" = true ${after} ORDER BY "id" LIMIT 1000
FOR NO KEY UPDATE), update AS (UPDATE "t" SET "id" = "t"."id" FROM batch WHERE "t"."id" = batch."id" RETURNING "t"."id")
SELECT LAST_VALUE("id") OVER() AS last FROM update LIMIT 1 \\gset
COMMIT;`;
  const more = Array.from({ length: Math.ceil(rows / 1_000) - 1 }, () => batch(`AND ("id") > (:'last')`));
  return psql(pgBin, url, [batch(''), ...more]);
}

function psql(pgBin: string, url: string, lines: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(join(pgBin, 'psql'), ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url], {
    input: `${lines.join('\n')}\n`,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr.toString());
  return performance.now() - began;
}
