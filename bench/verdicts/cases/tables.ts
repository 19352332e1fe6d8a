import { type Case, dangerous, safe } from '../case.js';

const events = 'CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at)';

export const tables: readonly Case[] = [
  safe('low', 'for later writes', 'ALTER TABLE orders SET (fillfactor = 80)'),
  safe('low', 'vacuum earlier than before', 'ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.01)'),
  safe('low', 'back to what it was', 'ALTER TABLE orders RESET (fillfactor)'),
  safe('low', 'a mark for a later CLUSTER', 'ALTER TABLE orders CLUSTER ON orders_at'),
  safe(
    'low',
    'a new partitioned table with its partitions',
    `${events}; CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
  ),
  safe(
    'low',
    'attached to a table that is new as well',
    `${events}; CREATE TABLE e1 (LIKE events); ALTER TABLE events ATTACH PARTITION e1 DEFAULT`,
  ),
  safe(
    'medium',
    'an empty table under a gentle lock',
    "CREATE TABLE events_27 (LIKE events INCLUDING ALL); ALTER TABLE events ATTACH PARTITION events_27 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
  ),
  safe('low', 'a comment', "COMMENT ON TABLE orders IS 'what was ordered'"),
  safe(
    'low',
    'a policy on a new table',
    'CREATE TABLE notes (id bigint PRIMARY KEY, owner text); ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON notes USING (owner = current_user)',
  ),
  safe(
    'low',
    'a trigger on a new table',
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at = now(); RETURN NEW; END'; CREATE TABLE notes (id bigint PRIMARY KEY, at timestamptz); CREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION touch()",
  ),
  safe('low', 'checks nothing yet', 'CREATE FOREIGN TABLE remote_orders (id bigint) SERVER warehouse'),

  dangerous('high', 'written anew while nobody can use it', 'VACUUM FULL orders'),
  dangerous('high', 'written anew while nobody can use it', 'VACUUM (FULL, VERBOSE) orders'),
  dangerous('high', 'written anew while nobody can use it', 'CLUSTER orders USING orders_at'),
  dangerous('high', 'every table that was marked', 'CLUSTER'),
  dangerous('high', 'written anew', 'ALTER TABLE orders SET UNLOGGED'),
  dangerous('high', 'written anew', 'ALTER TABLE orders SET LOGGED'),
  dangerous('high', 'copied', 'ALTER TABLE orders SET TABLESPACE fast'),
  dangerous('high', 'copied, all of them', 'ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE fast'),
  dangerous('high', 'written anew', 'ALTER TABLE orders SET ACCESS METHOD columnar', { postgres: 15 }),
  dangerous('medium', 'dead rows are kept', 'ALTER TABLE orders SET (autovacuum_enabled = false)'),
  dangerous('high', 'until the transaction ends', 'LOCK TABLE orders'),
  dangerous('high', 'until the transaction ends', 'LOCK TABLE orders, items IN SHARE ROW EXCLUSIVE MODE'),
  dangerous(
    'medium',
    'reads and writes of the parent wait',
    "CREATE TABLE events_27 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
  ),
  dangerous(
    'high',
    'all of it is read',
    "ALTER TABLE events ATTACH PARTITION events_26 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
  ),
  dangerous('medium', 'its rows are gone from the parent', 'ALTER TABLE events DETACH PARTITION events_24'),
  dangerous(
    'medium',
    'its rows are gone from the parent',
    'ALTER TABLE events DETACH PARTITION events_24 CONCURRENTLY',
  ),
  dangerous('medium', 'its rows are gone from the parent', 'ALTER TABLE kid NO INHERIT base'),
  dangerous(
    'medium',
    'every write runs it',
    'CREATE TRIGGER log AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION log_order()',
  ),
  dangerous(
    'high',
    'writes become something else',
    'CREATE RULE no_delete AS ON DELETE TO orders DO INSTEAD NOTHING',
  ),
  dangerous('high', 'rows vanish for the application', 'ALTER TABLE orders ENABLE ROW LEVEL SECURITY'),
  dangerous('high', 'for the owner as well', 'ALTER TABLE orders FORCE ROW LEVEL SECURITY'),
  dangerous(
    'high',
    'rows vanish for the application',
    'CREATE POLICY own ON orders AS RESTRICTIVE USING (owner = current_user)',
  ),
  dangerous('high', 'rows appear or vanish', 'ALTER POLICY own ON orders USING (true)'),
  dangerous('high', 'rows vanish', 'DROP POLICY own ON orders'),
  dangerous(
    'medium',
    'changes of rows may be refused or no longer told',
    'ALTER TABLE orders REPLICA IDENTITY NOTHING',
  ),
  dangerous('medium', 'a moment, and the rights go with the owner', 'ALTER TABLE orders OWNER TO admin'),
  dangerous(
    'high',
    'the running release writes without one',
    'ALTER TABLE orders ADD COLUMN a int, ALTER COLUMN state SET NOT NULL',
  ),
];
