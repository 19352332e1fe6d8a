import { type Case, dangerous, safe } from '../case.js';

const parent = {
  schema:
    'CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at); CREATE TABLE events_1 PARTITION OF events DEFAULT',
};

export const indexes: readonly Case[] = [
  safe('medium', 'nobody waits for it', 'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id)'),
  safe('medium', 'nobody waits for it', 'CREATE UNIQUE INDEX CONCURRENTLY orders_code ON orders (code)'),
  safe(
    'medium',
    'nobody waits for it',
    "CREATE INDEX CONCURRENTLY orders_open ON orders USING btree (at DESC) INCLUDE (total) WHERE state = 'open'",
  ),
  safe(
    'medium',
    'nobody waits for it',
    'CREATE INDEX CONCURRENTLY orders_data ON orders USING gin (data jsonb_path_ops)',
  ),
  safe('medium', 'nobody waits for it', 'DROP INDEX CONCURRENTLY orders_customer'),
  safe('medium', 'nobody waits for it', 'DROP INDEX CONCURRENTLY IF EXISTS orders_customer'),
  safe(
    'medium',
    'the leftover goes first',
    'DROP INDEX CONCURRENTLY IF EXISTS orders_customer; CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id)',
  ),
  safe('medium', 'nobody waits for it', 'REINDEX INDEX CONCURRENTLY orders_customer'),
  safe('medium', 'nobody waits for it', 'REINDEX (CONCURRENTLY, VERBOSE) TABLE orders'),
  safe(
    'low',
    'the table is new',
    'CREATE TABLE carts (id bigint PRIMARY KEY, user_id bigint); CREATE INDEX carts_user ON carts (user_id)',
  ),
  safe(
    'low',
    'the table is new',
    'CREATE TABLE shop.carts (id bigint PRIMARY KEY, user_id bigint); CREATE UNIQUE INDEX ON shop.carts (user_id)',
  ),
  safe('low', 'a name in the catalog', 'ALTER INDEX orders_customer RENAME TO orders_customer_old'),
  safe('low', 'for later writes', 'ALTER INDEX orders_customer SET (fillfactor = 80)'),
  safe('low', 'of the parent alone, which has no rows', 'CREATE INDEX events_at ON ONLY events (at)', parent),
  safe('low', 'a moment', 'ALTER INDEX events_at ATTACH PARTITION events_1_at'),
  safe(
    'low',
    'of a new materialized view',
    'CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id WITH NO DATA; CREATE UNIQUE INDEX totals_id ON totals (id)',
  ),
  safe('low', 'planner statistics', 'CREATE STATISTICS orders_stats (dependencies) ON city, zip FROM orders'),
  safe('low', 'planner statistics', 'ANALYZE orders'),
  safe('low', 'beside the running application', 'VACUUM (ANALYZE) orders'),

  dangerous('medium', 'writes wait for the build', 'CREATE INDEX orders_customer ON orders (customer_id)'),
  dangerous('medium', 'writes wait for the build', 'CREATE UNIQUE INDEX orders_code ON orders (code)'),
  dangerous(
    'medium',
    'writes wait for the build',
    'CREATE INDEX IF NOT EXISTS orders_customer ON orders (customer_id)',
  ),
  dangerous(
    'medium',
    'writes wait for the build',
    "CREATE INDEX ON sales.orders USING gist (area) WHERE state = 'open'",
  ),
  dangerous(
    'medium',
    'a column of this migration makes the table no newer',
    'ALTER TABLE orders ADD COLUMN shop_id bigint; CREATE INDEX orders_shop ON orders (shop_id)',
  ),
  dangerous(
    'medium',
    'IF NOT EXISTS may find an old table',
    'CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, a int); CREATE INDEX orders_a ON orders (a)',
  ),
  dangerous('medium', 'reads and writes wait until the transaction ends', 'DROP INDEX orders_customer'),
  dangerous(
    'medium',
    'reads and writes wait until the transaction ends',
    'DROP INDEX IF EXISTS sales.orders_customer',
  ),
  dangerous(
    'medium',
    'an invalid index of that name counts as done',
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer ON orders (customer_id)',
  ),
  dangerous('high', 'reads and writes wait for the build', 'REINDEX TABLE orders'),
  dangerous('high', 'planning a query needs the index', 'REINDEX INDEX orders_customer'),
  dangerous('high', 'one table after the other', 'REINDEX SCHEMA sales'),
  dangerous('high', 'the index is copied', 'ALTER INDEX orders_customer SET TABLESPACE fast'),
  dangerous('medium', 'writes to every partition wait', 'CREATE INDEX events_at ON events (at)', parent),
  dangerous(
    'medium',
    'refused on a partitioned table',
    'CREATE INDEX CONCURRENTLY events_at ON events (at)',
    parent,
  ),
  dangerous(
    'medium',
    'cannot run inside of a transaction',
    'BEGIN; CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id); COMMIT',
  ),
  dangerous(
    'high',
    'the table stays locked during the build',
    'BEGIN; ALTER TABLE orders ADD COLUMN a int; CREATE INDEX orders_a ON orders (a); COMMIT',
  ),
];
