/** A migration of the table `big`, on so many million rows. */
export interface ForecastCase {
  name: string;
  millions: number;
  up: readonly string[];
}

/** @param rows - of `big`; `small` has a thousandth */
export const tables = (rows: number): string => `
  CREATE TABLE small (id bigint PRIMARY KEY);
  INSERT INTO small SELECT generate_series(0, ${Math.ceil(rows / 1_000)});
  CREATE TABLE big (id bigint PRIMARY KEY, n int NOT NULL, m int, small_id bigint NOT NULL, code varchar(20) NOT NULL,
    note text NOT NULL, at timestamptz NOT NULL DEFAULT now());
  INSERT INTO big SELECT g, g, g % 1000, g % ${Math.ceil(rows / 1_000)}, 'c' || g, repeat(md5(g::text), 2), now()
    FROM generate_series(1, ${rows}) g;
  CREATE INDEX big_m ON big (m)`;

const one = (name: string, millions: number, ...up: string[]): ForecastCase => ({ name, millions, up });

export const cases: readonly ForecastCase[] = [
  one('a column with one value', 5, 'ALTER TABLE big ADD COLUMN x int NOT NULL DEFAULT 7'),
  one('a column that rewrites', 1, 'ALTER TABLE big ADD COLUMN x uuid NOT NULL DEFAULT gen_random_uuid()'),
  one('a stored generated column', 1, 'ALTER TABLE big ADD COLUMN x int GENERATED ALWAYS AS (n / 2) STORED'),
  one('int to bigint', 2, 'ALTER TABLE big ALTER COLUMN n TYPE bigint'),
  one('int to numeric', 1, 'ALTER TABLE big ALTER COLUMN n TYPE numeric'),
  one('varchar widened', 5, 'ALTER TABLE big ALTER COLUMN code TYPE varchar(40)'),
  one('varchar narrowed', 1, 'ALTER TABLE big ALTER COLUMN code TYPE varchar(19)'),
  one('SET NOT NULL', 5, 'ALTER TABLE big ALTER COLUMN m SET NOT NULL'),
  one('a check', 5, 'ALTER TABLE big ADD CONSTRAINT small_n CHECK (n >= 0)'),
  one('a check on text', 2, "ALTER TABLE big ADD CONSTRAINT plain CHECK (note ~ '^[0-9a-f]+$')"),
  one('a check, not valid', 5, 'ALTER TABLE big ADD CONSTRAINT small_n CHECK (n >= 0) NOT VALID'),
  one('a foreign key', 2, 'ALTER TABLE big ADD FOREIGN KEY (small_id) REFERENCES small (id)'),
  one('an index', 3, 'CREATE INDEX big_n ON big (n)'),
  one('an index on text', 1, 'CREATE INDEX big_note ON big (note)'),
  one('an index on an expression', 2, 'CREATE INDEX big_lower ON big (lower(code))'),
  one('a partial index', 5, 'CREATE INDEX big_few ON big (n) WHERE m = 1'),
  one('a unique constraint', 2, 'ALTER TABLE big ADD CONSTRAINT one_n UNIQUE (n)'),
  one('a column dropped', 5, 'ALTER TABLE big DROP COLUMN m'),
  one('an index dropped', 5, 'DROP INDEX big_m'),
  one('unlogged', 1, 'ALTER TABLE big SET UNLOGGED'),
  one(
    'an index after a column, in one transaction',
    2,
    'ALTER TABLE big ADD COLUMN x int',
    'CREATE INDEX big_n ON big (n)',
  ),
  one(
    'rows changed after a column',
    1,
    'ALTER TABLE big ADD COLUMN x int',
    'UPDATE big SET x = n WHERE m < 100',
  ),
  one('rewritten in order', 1, 'CLUSTER big USING big_pkey'),
  one('reindexed', 2, 'REINDEX TABLE big'),
];
