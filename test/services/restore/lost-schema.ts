import { randomFrom } from '../../support/random.js';

/** Tables of all kinds that rows are told apart in; each statement can be run on any of their states. */
export const schema = `
  CREATE SCHEMA "Odd names";
  CREATE TYPE mood AS ENUM ('sad', 'ok', 'so "so", really');
  CREATE DOMAIN cents AS bigint CHECK (value IS NULL OR value > -10000);
  CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE, boss bigint REFERENCES customers,
    mood mood, double numeric GENERATED ALWAYS AS (id * 2) STORED, seen timestamptz, since interval);
  CREATE TABLE orders (customer bigint REFERENCES customers, no int, total numeric, doc jsonb, PRIMARY KEY (customer, no));
  CREATE TABLE lines (customer bigint, no int, line int, tags text[], raw bytea, price cents, PRIMARY KEY (customer, no, line),
    FOREIGN KEY (customer, no) REFERENCES orders ON DELETE CASCADE);
  CREATE TABLE "Odd names"."a ""quoted"" table" ("the key" text PRIMARY KEY, "select" text, f float8, j json, d date[]);
  CREATE TABLE things (id uuid PRIMARY KEY, at timestamp, p point, r int4range, words tsvector, net inet);
  CREATE TABLE log (at int, what text, raw bytea);
  CREATE TABLE events (id int, day date, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
  CREATE TABLE events_a PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
  CREATE TABLE events_b PARTITION OF events FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
  CREATE TABLE pairs (a int NOT NULL, b int NOT NULL, spot int UNIQUE);
  CREATE UNIQUE INDEX ON pairs (a, b);
  CREATE TABLE audit (id serial PRIMARY KEY, what text);
  CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN INSERT INTO audit (what) VALUES (tg_op); new.seen := now(); RETURN new; END$$;
  CREATE TRIGGER noted BEFORE INSERT OR UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION noted();`;

export const tables = [
  ...['customers', 'orders', 'lines', '"Odd names"."a ""quoted"" table"', 'things', 'log', 'events', 'pairs'],
  'audit',
];

/** Some writes of an application, others for each seed. */
export function writes(seed: number, size: number): string[] {
  const random = randomFrom(seed);
  const n = (most: number) => Math.floor(random() * most);
  const one = (...all: string[]) => all[n(all.length)]!;
  const text = () =>
    one(
      "''",
      'NULL',
      "'a''b'",
      `E'line\\nbreak\\\\ \\t; -- {"op"'`,
      `'ünïcode ✓ ${n(50)}'`,
      "'-- no comment'",
    );
  const number = () => one('NULL', "'NaN'", '1.10', '1.1', String(n(1000)), '-0.000001', "'Infinity'");
  const bytea = () => one('NULL', "'\\x'", "'\\x00ff0a5c27'", `decode(md5('${n(99)}'), 'hex')`);
  const some = () => n(30);
  const row = `(SELECT id FROM customers ORDER BY id LIMIT 1 OFFSET ${n(20)})`;
  const acts: (() => string)[] = [
    () =>
      `INSERT INTO customers (email, boss, mood, since) VALUES ('m${n(10_000)}', ${one('NULL', row)}, ${one("'sad'", '\'so "so", really\'', 'NULL')}, ${one("'1 day 02:03'", 'NULL')}) ON CONFLICT DO NOTHING`,
    () => `UPDATE customers SET mood = 'ok', boss = ${one('NULL', 'id')} WHERE id % 7 = ${n(7)}`,
    () => `DELETE FROM customers c WHERE id % 11 = ${n(11)} AND NOT EXISTS (SELECT FROM orders o WHERE o.customer = c.id)
      AND NOT EXISTS (SELECT FROM customers b WHERE b.boss = c.id AND b.id <> c.id)`,
    () => `UPDATE customers SET email = email || '!' WHERE id % 5 = ${n(5)}`,
    () =>
      `INSERT INTO orders SELECT id, ${some()}, ${number()}, ${one('NULL', `'{"b": 1, "a": [null, 1.0, "x''"]}'`)} FROM customers WHERE id % 3 = ${n(3)} ON CONFLICT DO NOTHING`,
    () => `UPDATE orders SET total = ${number()} WHERE no % 4 = ${n(4)}`,
    () => `DELETE FROM orders WHERE no = ${some()}`,
    () =>
      `INSERT INTO lines SELECT customer, no, ${n(3)}, ${one('NULL', `ARRAY['a,b', NULL, '"', '']`, `'{}'`)}, ${bytea()}, ${one('NULL', '5', '-7')} FROM orders WHERE no % 2 = ${n(2)} ON CONFLICT DO NOTHING`,
    () => `DELETE FROM lines WHERE line = ${n(3)} AND no % 3 = ${n(3)}`,
    () =>
      `INSERT INTO "Odd names"."a ""quoted"" table" VALUES (coalesce(${text()}, 'k') || ${some()}, ${text()}, ${one("'-0'", "'NaN'", '0.1', '1e300')}, ${one('NULL', `'{"b":1,  "a":2}'`)}, ${one('NULL', `'{2026-01-01,NULL}'`)})
       ON CONFLICT ("the key") DO UPDATE SET "select" = excluded."select", f = excluded.f`,
    () =>
      `DELETE FROM "Odd names"."a ""quoted"" table" WHERE ctid IN (SELECT ctid FROM "Odd names"."a ""quoted"" table" LIMIT ${n(3)})`,
    () =>
      `INSERT INTO things VALUES (md5('${n(60)}')::uuid, '2026-01-0${1 + n(8)} 01:02:03.000004', point(${n(5)}, 0.1), '[${n(3)},9)', 'a:1 b''c:2', '10.0.0.${n(9)}/8') ON CONFLICT (id) DO UPDATE SET at = excluded.at, p = excluded.p`,
    () => `DELETE FROM things WHERE id::text LIKE '${n(10)}%'`,
    () => `INSERT INTO log SELECT ${n(6)}, ${text()}, ${bytea()} FROM generate_series(1, ${1 + n(4)})`,
    () => `DELETE FROM log WHERE ctid IN (SELECT ctid FROM log ORDER BY at, what LIMIT ${n(5)})`,
    () => `UPDATE log SET what = ${text()} WHERE at = ${n(6)}`,
    () =>
      `INSERT INTO events VALUES (${some()}, date '2026-01-01' + ${n(360)}, ${text()}) ON CONFLICT DO NOTHING`,
    () => `UPDATE events SET day = date '2026-12-31' - (day - date '2026-01-01') WHERE id = ${some()}`,
    () => `INSERT INTO pairs VALUES (${n(6)}, ${n(6)}, ${n(1000)}) ON CONFLICT DO NOTHING`,
    // Values that must be unique change places.
    () => `WITH two AS (SELECT a, b, spot FROM pairs ORDER BY spot LIMIT 2), gone AS (DELETE FROM pairs WHERE spot IN (SELECT spot FROM two) RETURNING a, b, spot)
      INSERT INTO pairs SELECT g.a, g.b, (SELECT max(spot) + 100000 FROM pairs) + row_number() OVER () FROM gone g`,
    () => `UPDATE pairs SET spot = -spot`,
    () => `DELETE FROM pairs WHERE a = ${n(6)} AND b < ${n(6)}`,
  ];
  return Array.from({ length: size }, () => acts[n(acts.length)]!());
}
