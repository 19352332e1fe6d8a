import { type Case, dangerous, safe } from '../case.js';

export const constraints: readonly Case[] = [
  safe(
    'low',
    'a moment on both tables; old rows are not looked at',
    'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID',
  ),
  safe(
    'medium',
    'old rows are not looked at',
    'ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID',
  ),
  safe(
    'medium',
    'old rows are not looked at',
    'ALTER TABLE orders ADD CONSTRAINT given NOT NULL state NOT VALID',
    { postgres: 18 },
  ),
  safe('medium', 'reads go on, writes go on', 'ALTER TABLE orders VALIDATE CONSTRAINT positive'),
  safe(
    'medium',
    'in two transactions',
    'BEGIN; ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID; COMMIT; BEGIN; ALTER TABLE orders VALIDATE CONSTRAINT positive; COMMIT',
  ),
  safe(
    'low',
    'the index is there',
    'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE USING INDEX orders_code',
  ),
  safe(
    'medium',
    'built beside the running application, then taken',
    'CREATE UNIQUE INDEX CONCURRENTLY orders_code ON orders (code); ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE USING INDEX orders_code',
  ),
  safe('low', 'proved by a valid check', 'ALTER TABLE orders ALTER COLUMN state SET NOT NULL', {
    schema:
      'CREATE TABLE orders (id bigint PRIMARY KEY, state text, CONSTRAINT given CHECK (state IS NOT NULL))',
  }),
  safe('low', 'it is NOT NULL already', 'ALTER TABLE orders ALTER COLUMN state SET NOT NULL', {
    schema: 'CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL)',
  }),
  safe('low', 'a name in the catalog', 'ALTER TABLE orders RENAME CONSTRAINT orders_shop TO orders_shop_fk'),
  safe(
    'low',
    'when it is checked',
    'ALTER TABLE orders ALTER CONSTRAINT orders_shop DEFERRABLE INITIALLY DEFERRED',
  ),
  safe(
    'low',
    'both tables are new',
    'CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint); ALTER TABLE b ADD FOREIGN KEY (a_id) REFERENCES a (id)',
  ),
  safe(
    'low',
    'the referencing table is new',
    'CREATE TABLE b (id bigint PRIMARY KEY, order_id bigint); ALTER TABLE b ADD CONSTRAINT b_order FOREIGN KEY (order_id) REFERENCES orders (id)',
  ),
  safe(
    'low',
    'the table is new',
    'CREATE TABLE a (id bigint, n int); ALTER TABLE a ADD PRIMARY KEY (id); ALTER TABLE a ADD CHECK (n > 0); ALTER TABLE a ALTER n SET NOT NULL',
  ),
  safe('low', 'a new domain', "CREATE DOMAIN email AS text CHECK (value LIKE '%@%')"),
  safe('low', 'for this transaction', 'SET CONSTRAINTS ALL DEFERRED'),

  dangerous(
    'high',
    'writes to both tables wait for the check',
    'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops (id)',
  ),
  dangerous(
    'high',
    'writes to both tables wait for the check',
    'ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops',
  ),
  dangerous(
    'high',
    'the column is new, the rows are not looked up; but this form looks',
    'ALTER TABLE orders ADD COLUMN shop_id bigint DEFAULT 1; ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops (id)',
  ),
  dangerous(
    'high',
    'all rows are read while nobody can use the table',
    'ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0)',
  ),
  dangerous(
    'high',
    'all rows are read while nobody can use the table',
    'ALTER TABLE orders ALTER COLUMN state SET NOT NULL',
  ),
  dangerous('high', 'all rows are read', 'ALTER TABLE orders ADD CONSTRAINT given NOT NULL state', {
    postgres: 18,
  }),
  dangerous(
    'high',
    'version 11 does not use the check',
    'ALTER TABLE orders ALTER COLUMN state SET NOT NULL',
    {
      postgres: 11,
      schema:
        'CREATE TABLE orders (id bigint PRIMARY KEY, state text, CONSTRAINT given CHECK (state IS NOT NULL))',
    },
  ),
  dangerous('high', 'the check was never validated', 'ALTER TABLE orders ALTER COLUMN state SET NOT NULL', {
    schema:
      'CREATE TABLE orders (id bigint PRIMARY KEY, state text); ALTER TABLE orders ADD CONSTRAINT given CHECK (state IS NOT NULL) NOT VALID',
  }),
  dangerous('high', 'another column is proved', 'ALTER TABLE orders ALTER COLUMN state SET NOT NULL', {
    schema:
      'CREATE TABLE orders (id bigint PRIMARY KEY, state text, note text, CONSTRAINT given CHECK (note IS NOT NULL))',
  }),
  dangerous(
    'high',
    'an index is built under the strongest lock',
    'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE (code)',
  ),
  dangerous('high', 'an index is built under the strongest lock', 'ALTER TABLE orders ADD PRIMARY KEY (id)'),
  dangerous(
    'high',
    'there is no gentle form',
    'ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&)',
  ),
  dangerous(
    'high',
    'nullable columns are read for NULL',
    'ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_number',
    { schema: 'CREATE TABLE orders (number bigint); CREATE UNIQUE INDEX orders_number ON orders (number)' },
  ),
  dangerous(
    'high',
    'the lock of the first is held through the second',
    'BEGIN; ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT positive; COMMIT',
  ),
  dangerous(
    'high',
    'the lock of the first is held through the second',
    'BEGIN; ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT f; COMMIT',
  ),
  dangerous(
    'high',
    'nothing is unique any more, and published rows cannot be changed',
    'ALTER TABLE orders DROP CONSTRAINT orders_pkey',
  ),
  dangerous(
    'high',
    'the foreign keys of others go with it',
    'ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE',
  ),
  dangerous(
    'medium',
    'both tables are locked until commit, and orphans can be written',
    'ALTER TABLE orders DROP CONSTRAINT orders_shop_id_fkey',
  ),
  dangerous(
    'high',
    'every table that uses it is read',
    "ALTER DOMAIN email ADD CONSTRAINT has_at CHECK (value LIKE '%@%')",
  ),
  dangerous('high', 'every table that uses it is read', 'ALTER DOMAIN email SET NOT NULL'),
  dangerous('high', 'every table that uses it is read', 'ALTER DOMAIN email VALIDATE CONSTRAINT has_at'),
  dangerous(
    'high',
    'all rows are read under the strongest lock',
    'ALTER TABLE orders ALTER CONSTRAINT orders_shop ENFORCED',
    { postgres: 18 },
  ),
  dangerous(
    'medium',
    'orphans can be written',
    'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops (id) NOT ENFORCED',
    { postgres: 18 },
  ),
  dangerous(
    'medium',
    'a restore may refuse rows that were right when written',
    'CREATE TABLE bookings (id bigint PRIMARY KEY, at timestamptz CHECK (at > now()))',
  ),
];
