import { type Case, safe } from '../case.js';

/** What most migrations of most projects look like, and harmless neighbours of what is dangerous. */
export const ordinary: readonly Case[] = [
  safe(
    'low',
    'as Alembic renders a new table',
    `BEGIN;
CREATE TABLE account (id SERIAL NOT NULL, name VARCHAR(50) NOT NULL, description VARCHAR(200), PRIMARY KEY (id), UNIQUE (name));
CREATE INDEX ix_account_name ON account (name);
UPDATE alembic_version SET version_num='1975ea83b712' WHERE alembic_version.version_num = 'ae1027a6acf';
COMMIT;`,
  ),
  safe(
    'low',
    'as Alembic renders a new column',
    `BEGIN;
ALTER TABLE account ADD COLUMN last_transaction_date TIMESTAMP WITHOUT TIME ZONE;
UPDATE alembic_version SET version_num='ae1027a6acf' WHERE alembic_version.version_num = '1975ea83b712';
COMMIT;`,
  ),
  safe(
    'low',
    'two tables that refer to each other',
    'CREATE TABLE a (id bigint PRIMARY KEY, b_id bigint); CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint REFERENCES a); ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b_id) REFERENCES b (id)',
  ),
  safe(
    'low',
    'a link between two old tables',
    'CREATE TABLE order_tags (order_id bigint NOT NULL REFERENCES orders (id) ON DELETE CASCADE, tag_id bigint NOT NULL REFERENCES tags (id), PRIMARY KEY (order_id, tag_id))',
  ),
  safe(
    'low',
    'a new enum in a new table',
    "CREATE TYPE level AS ENUM ('low', 'high'); CREATE TABLE alerts (id BIGSERIAL PRIMARY KEY, level level NOT NULL DEFAULT 'low')",
  ),
  safe(
    'low',
    'a new table in a new schema',
    "CREATE SCHEMA audit; CREATE TABLE audit.log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz DEFAULT now(), what jsonb NOT NULL); COMMENT ON TABLE audit.log IS 'who did what'",
  ),
  safe('low', 'a schema with its table', 'CREATE SCHEMA audit CREATE TABLE log (id bigint PRIMARY KEY)'),
  safe(
    'low',
    'a new table with what belongs to it',
    'CREATE TABLE t (id bigint PRIMARY KEY, a int, b int); ALTER TABLE t ADD CONSTRAINT c CHECK (a < b); ALTER TABLE t ADD CONSTRAINT u UNIQUE (a, b); CREATE INDEX ON t (b); GRANT SELECT ON t TO app',
  ),
  safe(
    'low',
    'a new table for sale by ranges',
    'CREATE TABLE m (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); CREATE TABLE m_default PARTITION OF m DEFAULT; CREATE INDEX ON m (at)',
  ),
  safe(
    'low',
    'the table is of this migration',
    'CREATE TABLE m (id bigint PRIMARY KEY, s text); COPY m FROM stdin;\n1\topen\n2\tsent\n\\.\n',
  ),
  safe(
    'low',
    'a new table that inherits from a new one',
    'CREATE TABLE p (id bigint PRIMARY KEY); CREATE TABLE k (n int, PRIMARY KEY (id)) INHERITS (p)',
  ),
  safe('low', 'a null default is no default', 'ALTER TABLE orders ADD COLUMN note text DEFAULT NULL'),
  safe('low', 'a cast constant', "ALTER TABLE orders ADD COLUMN day date DEFAULT '2026-01-01'::date"),
  safe(
    'low',
    'a cast constant',
    "ALTER TABLE orders ADD COLUMN gap interval NOT NULL DEFAULT CAST('1 hour' AS interval)",
  ),
  safe(
    'low',
    'the day is one value a transaction',
    'ALTER TABLE orders ADD COLUMN day date NOT NULL DEFAULT CURRENT_DATE',
  ),
  safe('low', 'who runs it is one value', 'ALTER TABLE orders ADD COLUMN by_whom text DEFAULT CURRENT_USER'),
  safe(
    'low',
    'a stable function of a stable one',
    "ALTER TABLE orders ADD COLUMN at timestamp DEFAULT timezone('utc', now())",
  ),
  safe(
    'low',
    'a stable text of a time',
    "ALTER TABLE orders ADD COLUMN month text DEFAULT to_char(now(), 'YYYY-MM')",
  ),
  safe('low', 'an array of numbers', "ALTER TABLE orders ADD COLUMN n int[] NOT NULL DEFAULT '{}'"),
  safe('low', 'an extension’s type has no condition', 'ALTER TABLE orders ADD COLUMN email citext'),
  safe(
    'low',
    'a name with capitals and blanks',
    'ALTER TABLE "Order Lines" ADD COLUMN "Unit Price" numeric(12, 2)',
  ),
  safe('low', 'in another schema', 'ALTER TABLE IF EXISTS sales.orders ADD COLUMN note text'),
  safe('low', 'of one table alone', 'ALTER TABLE ONLY orders ADD COLUMN note text'),
  safe(
    'low',
    'a collation is a property of new values',
    'ALTER TABLE orders ADD COLUMN name text COLLATE "C"',
  ),
  safe(
    'low',
    'a default is set first, the column added before',
    'ALTER TABLE orders ADD COLUMN token uuid; ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid()',
  ),
  safe(
    'low',
    'a view of a new table',
    'CREATE TABLE t (id bigint PRIMARY KEY); CREATE VIEW v AS SELECT * FROM t; CREATE OR REPLACE VIEW v AS SELECT id FROM t; DROP VIEW v',
  ),
  safe(
    'low',
    'a new function replaced at once',
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMENT ON FUNCTION f() IS 'one'",
  ),
  safe(
    'low',
    'a right to call it',
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION f() TO app",
  ),
  safe(
    'low',
    'a right less for all on what is new',
    'CREATE TABLE secrets (id bigint PRIMARY KEY); REVOKE ALL ON secrets FROM PUBLIC',
  ),
  safe('low', 'of this migration', 'CREATE SEQUENCE s; ALTER SEQUENCE s RESTART WITH 100; DROP SEQUENCE s'),
  safe('low', 'of this migration', 'CREATE TABLE t (id bigint PRIMARY KEY); CREATE SEQUENCE s OWNED BY t.id'),
  safe(
    'low',
    'of this migration',
    'CREATE TABLE t (id bigint PRIMARY KEY); CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION known(); ALTER TABLE t DISABLE TRIGGER g; DROP TRIGGER g ON t',
  ),
  safe('low', 'of this migration', 'CREATE TABLE t (id bigint PRIMARY KEY); LOCK TABLE t; SELECT 1'),
  safe(
    'low',
    'of this migration',
    'CREATE TABLE t (id bigint PRIMARY KEY, a int); CREATE INDEX i ON t (a); CLUSTER t USING i; REINDEX TABLE t',
  ),
  safe(
    'low',
    'of this migration',
    'CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a WITH NO DATA; DROP MATERIALIZED VIEW mv',
  ),
  safe(
    'low',
    'of this migration',
    'CREATE TABLE t (id bigint PRIMARY KEY, a int NOT NULL DEFAULT 1); ALTER TABLE t ALTER a DROP DEFAULT, ALTER a DROP NOT NULL',
  ),
  safe('low', 'of this migration', 'CREATE DOMAIN d AS int; ALTER DOMAIN d ADD CHECK (value > 0)'),
  safe(
    'low',
    'words of a comment',
    '-- DROP TABLE orders;\nALTER TABLE orders ADD COLUMN note text; /* TRUNCATE orders */',
  ),
  safe('low', 'words of a string', "COMMENT ON TABLE orders IS 'never DROP TABLE orders or DELETE FROM it'"),
  safe(
    'low',
    'words of a name',
    'ALTER TABLE orders ADD COLUMN drop_column_at timestamptz, ADD COLUMN "delete" boolean',
  ),
  safe(
    'low',
    'words of a body that nobody calls',
    "CREATE FUNCTION purge() RETURNS void LANGUAGE sql AS 'DELETE FROM orders'",
  ),
  safe(
    'low',
    'a statement with lock time-out before',
    "SET lock_timeout = '1s'; ALTER TABLE orders ADD COLUMN note text; RESET lock_timeout",
  ),
  safe(
    'low',
    'time-outs of Alembic’s environment',
    "SET LOCAL lock_timeout = '500ms'; SET LOCAL statement_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = '1min'",
  ),
  safe(
    'low',
    'settings at the head of a dump',
    "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET check_function_bodies = false; SET xmloption = content; SET client_min_messages = warning; SET default_table_access_method = heap",
  ),
  safe('low', 'settings at the head of a dump', "SELECT pg_catalog.set_config('search_path', '', false)"),
  safe('low', 'read only', 'SET TRANSACTION READ ONLY'),
  safe(
    'low',
    'it only reads',
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
  ),
  safe(
    'low',
    'it only reads',
    "SELECT to_regclass('public.orders') IS NOT NULL, pg_size_pretty(pg_total_relation_size('orders'))",
  ),
  safe('low', 'it only reads', "SELECT * FROM pg_indexes WHERE indexname LIKE 'orders%' ORDER BY 1 LIMIT 10"),
  safe('low', 'it copies to the client', 'COPY (SELECT id, total FROM orders) TO STDOUT'),
  safe(
    'medium',
    'rows of reference data',
    "INSERT INTO plans (code, price) VALUES ('basic', 0), ('pro', 10.0), ('team', 25)",
  ),
  safe(
    'medium',
    'rows of reference data, numbered by the sequence',
    "INSERT INTO plans (id, code) VALUES (nextval('plans_id_seq'), 'basic')",
  ),
  safe(
    'medium',
    'three steps in three transactions',
    `BEGIN; ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID; COMMIT;
BEGIN; ALTER TABLE orders VALIDATE CONSTRAINT f; COMMIT;`,
  ),
  safe(
    'medium',
    'a column and its index, in the careful way',
    `BEGIN; ALTER TABLE orders ADD COLUMN shop_id bigint; COMMIT;
CREATE INDEX CONCURRENTLY orders_shop ON orders (shop_id);`,
  ),
  safe(
    'medium',
    'as Alembic renders autocommit_block',
    `BEGIN;
-- Running upgrade a -> b
COMMIT;
CREATE INDEX CONCURRENTLY ix_orders_at ON orders (at);
BEGIN;
UPDATE alembic_version SET version_num='b' WHERE alembic_version.version_num = 'a';
COMMIT;`,
  ),
  safe(
    'medium',
    'a partial index beside the running application',
    'CREATE INDEX CONCURRENTLY ON orders (shop_id, at) WHERE NOT done',
  ),
  safe('medium', 'one by one, beside the running application', 'REINDEX TABLE CONCURRENTLY sales.orders'),
  safe(
    'medium',
    'a check of a new column, old rows not looked at',
    'ALTER TABLE orders ADD COLUMN amount int; ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID',
  ),
  safe(
    'low',
    'the not-null proof within three steps of the schema',
    'ALTER TABLE orders ALTER COLUMN state SET NOT NULL; ALTER TABLE orders DROP CONSTRAINT given',
    {
      schema:
        'CREATE TABLE orders (id bigint PRIMARY KEY, state text, CONSTRAINT given CHECK (state IS NOT NULL))',
    },
  ),
  safe(
    'low',
    'a right for a new role',
    'CREATE ROLE reporting; GRANT reporting TO ana; GRANT SELECT ON ALL TABLES IN SCHEMA sales TO reporting',
  ),
  safe('low', 'prepared, but not run', 'PREPARE p AS SELECT 1; DEALLOCATE p'),
  safe('low', 'an event for listeners', 'LISTEN deployed; UNLISTEN *'),
  safe('low', 'a new range type', 'CREATE TYPE floatrange AS RANGE (subtype = float8)'),
  safe('low', 'a label', 'ALTER TABLE orders ALTER COLUMN id SET (n_distinct = -1)'),
];
