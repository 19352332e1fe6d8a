import { dropKeepsake } from '../../../src/adapters/keepsakes/drop.js';
import { fingerprint } from '../../../src/adapters/postgres/fingerprint.js';
import {
  change,
  difference,
  keepAll,
  keepAllRest,
  kept,
  move,
  options,
  ownDatabase,
  plannedFor,
  putAllBack,
} from './support.js';

const { here, shop } = ownDatabase();

const orders = `
  CREATE TYPE mood AS ENUM ('glad', 'sad');
  CREATE TABLE customers (id int PRIMARY KEY);
  INSERT INTO customers SELECT generate_series(1, 10);
  CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int REFERENCES customers ON DELETE CASCADE,
    mood mood, at timestamptz DEFAULT now(), twice int GENERATED ALWAYS AS (2 * customer_id) STORED, data json);
  INSERT INTO orders (customer_id, mood, data) SELECT 1 + g % 10, 'sad', '{"a": 1}' FROM generate_series(1, 1000) g`;

it(
  'the schema is as before: what watches a table is no part of it, and goes with the keepsake',
  here(async (client) => {
    await client.query(orders);
    const before = await fingerprint(client);
    await keepAll(client, await plannedFor(client, 'ALTER TABLE orders DROP COLUMN mood'));
    expect((await fingerprint(client)).hash).toBe(before.hash);
    for (const each of await kept(client)) await dropKeepsake(client, each, options);
    for (const each of await kept(client)) await dropKeepsake(client, each, options);
    expect(await kept(client)).toEqual([]);
    const { rows } =
      await client.query(`SELECT relname FROM pg_class WHERE relnamespace = 'lockkeeper_keep'::regnamespace
      UNION SELECT proname FROM pg_proc WHERE pronamespace = 'lockkeeper_keep'::regnamespace
      UNION SELECT tgname FROM pg_trigger WHERE tgname LIKE 'lockkeeper%' ORDER BY 1`);
    expect(rows).toEqual([{ relname: 'keepsake' }, { relname: 'keepsake_pkey' }]);
  }),
);

it(
  'a type of the application can be dropped with its column, and its values come back',
  here(async (client) => {
    await client.query(orders);
    await change(client, 'ALTER TABLE orders DROP COLUMN mood; DROP TYPE mood');
    await client.query("CREATE TYPE mood AS ENUM ('glad', 'sad')");
    await client.query('ALTER TABLE orders ADD COLUMN mood mood');
    await putAllBack(client);
    const { rows } = await client.query("SELECT count(*)::int AS n FROM orders WHERE mood = 'sad'");
    expect(rows).toEqual([{ n: 1000 }]);
  }),
);

it(
  'rows that a migration deletes come back, but for those whose key was given to others, and those whose parent is gone',
  here(async (client) => {
    await client.query(orders);
    await change(client, 'DELETE FROM orders WHERE id <= 500');
    await shop(`INSERT INTO orders (id, customer_id, mood) OVERRIDING SYSTEM VALUE VALUES (7, 1, 'glad');
      DELETE FROM orders WHERE id = 600; DELETE FROM customers WHERE id = 3`);
    const [came] = await putAllBack(client);
    // 50 of the 500 are of customer 3, and one is another row's now.
    expect(came).toMatchObject({ table: 'public.orders', rows: 449, withoutParent: 50 });
    const { rows } = await client.query(
      "SELECT count(*)::int AS n, count(*) FILTER (WHERE mood = 'glad')::int AS new FROM orders",
    );
    expect(rows).toEqual([{ n: 449 + 1 + 500 - 1 - 50, new: 1 }]);
  }),
);

it(
  'rows follow their keys, also when one takes the key of another',
  here(async (client) => {
    await client.query(`CREATE TABLE items (id int PRIMARY KEY, note text);
      INSERT INTO items SELECT g, 'note ' || g FROM generate_series(1, 20) g`);
    await change(client, 'ALTER TABLE items DROP COLUMN note');
    await shop(`DELETE FROM items WHERE id = 1; UPDATE items SET id = 1 WHERE id = 2; UPDATE items SET id = 102 WHERE id = 3;
      DELETE FROM items WHERE id = 4; INSERT INTO items VALUES (4), (2)`);
    await client.query('ALTER TABLE items ADD COLUMN note text');
    await putAllBack(client);
    const { rows } = await client.query('SELECT id, note FROM items WHERE id < 6 OR id > 100 ORDER BY id');
    expect(rows.map(({ id, note }) => [id, note] as unknown)).toEqual([
      [1, 'note 2'],
      [2, null],
      [4, null],
      [5, 'note 5'],
      [102, 'note 3'],
    ]);
  }),
);

it(
  'own triggers of the table do not fire when values go back, and are on again',
  here(async (client) => {
    await client.query(`CREATE TABLE items (id int PRIMARY KEY, note text, touched int DEFAULT 0);
      INSERT INTO items SELECT g, 'n', 0 FROM generate_series(1, 50) g;
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.touched := OLD.touched + 1; RETURN NEW; END';
      CREATE TRIGGER touch BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION touch()`);
    await change(client, 'ALTER TABLE items DROP COLUMN note');
    await client.query('ALTER TABLE items ADD COLUMN note text');
    await putAllBack(client);
    expect((await client.query('SELECT DISTINCT note, touched FROM items')).rows).toEqual([
      { note: 'n', touched: 0 },
    ]);
    await shop("UPDATE items SET note = 'm' WHERE id = 1");
    expect((await client.query('SELECT touched FROM items WHERE id = 1')).rows).toEqual([{ touched: 1 }]);
  }),
);

it(
  'a table with all that belongs to it is moved away, holds nothing, and its rows come back',
  here(async (client) => {
    await client.query(`${orders};
      CREATE INDEX orders_at ON orders (at); CREATE STATISTICS orders_both ON customer_id, id FROM orders;
      CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER nothing BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION nothing();
      CREATE TABLE twin AS SELECT id, customer_id, data::text FROM orders`);
    const [planned] = await plannedFor(client, 'DROP TABLE orders');
    expect(planned).toMatchObject({ how: 'moved', table: 'public.orders' });
    await keepAll(client, [planned!]);
    await keepAllRest(client);
    await move(client, planned!);
    // What depends on nothing of it any more can be dropped and made anew, by the same names.
    await client.query('DROP FUNCTION nothing(); DELETE FROM customers WHERE id = 5');
    await client.query(
      orders.slice(orders.indexOf('CREATE TABLE orders'), orders.indexOf('INSERT INTO orders')),
    );
    const [came] = await putAllBack(client);
    expect(came).toMatchObject({ rows: 900, withoutParent: 100 });
    await client.query('CREATE VIEW back AS SELECT id, customer_id, data::text FROM orders');
    await client.query('DELETE FROM twin WHERE customer_id = 5');
    expect(await difference(client, 'back', 'twin')).toBe(0);
    expect((await client.query('INSERT INTO orders (customer_id) VALUES (1) RETURNING id')).rows).toEqual([
      { id: 1001 },
    ]);
  }),
);

it(
  'what DROP … CASCADE takes with it goes before a table is moved; what cannot be moved is copied, or not kept',
  here(async (client) => {
    await client.query(`${orders}; CREATE VIEW glad AS SELECT * FROM orders WHERE mood = 'glad';
      CREATE TABLE lines (order_id int REFERENCES orders); CREATE TABLE log (at date, says text);
      CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)`);
    const [moved] = await plannedFor(client, 'DROP TABLE orders CASCADE');
    expect(moved!.instead!.statements).toEqual(
      expect.arrayContaining([
        'DROP VIEW IF EXISTS public.glad CASCADE',
        'ALTER TABLE IF EXISTS public.lines DROP CONSTRAINT IF EXISTS lines_order_id_fkey',
        'ALTER TABLE public."{run}_orders" SET SCHEMA lockkeeper_keep',
      ]),
    );
    expect(await plannedFor(client, 'DROP TABLE parts; ALTER TABLE log DROP COLUMN says')).toMatchObject([
      { how: 'copied', why: 'it is part of a partitioned or inherited table' },
      { how: 'not kept', why: 'it has no primary key' },
    ]);
    expect(await plannedFor(client, 'DROP TABLE orders; DROP TYPE mood')).toMatchObject([
      { how: 'copied', why: 'it has columns of a type of its own, and the plan drops types' },
    ]);
  }),
);

it(
  'values go back by a key of a type of the application',
  here(async (client) => {
    await client.query(`CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TABLE moods (mood mood PRIMARY KEY, note text);
      INSERT INTO moods VALUES ('glad', 'a'), ('sad', 'b')`);
    await change(client, 'ALTER TABLE moods DROP COLUMN note');
    await client.query('ALTER TABLE moods ADD COLUMN note text');
    expect(await putAllBack(client)).toMatchObject([{ rows: 2 }]);
  }),
);

/** What was changed after the downgrade, what is told of it, and how it is put right. */
const hindered: Record<string, [change: string, why: RegExp, right: string]> = {
  'the table is gone': ['ALTER TABLE orders RENAME TO old', /not there/, 'ALTER TABLE old RENAME TO orders'],
  'the column is gone': [
    'ALTER TABLE orders DROP COLUMN data',
    /no column data that could be written to/,
    'ALTER TABLE orders ADD COLUMN data json',
  ],
  'the column has another type': [
    'ALTER TABLE orders ALTER COLUMN data TYPE text',
    /column data was of type json, and is of type text/,
    'ALTER TABLE orders ALTER COLUMN data TYPE json USING data::json',
  ],
  'the column is computed': [
    "ALTER TABLE orders DROP COLUMN data; ALTER TABLE orders ADD COLUMN data json GENERATED ALWAYS AS ('{}') STORED",
    /no column data that could be written to/,
    'ALTER TABLE orders DROP COLUMN data; ALTER TABLE orders ADD COLUMN data json',
  ],
  'the key is gone': [
    'ALTER TABLE orders DROP CONSTRAINT orders_pkey',
    /primary key was \(id integer\), and is none/,
    'ALTER TABLE orders ADD PRIMARY KEY (id)',
  ],
  'the key is another one': [
    'ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (id, twice)',
    /primary key was \(id integer\), and is \(id integer, twice integer\)/,
    'ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (id)',
  ],
  'the key has another type': [
    'ALTER TABLE orders ALTER COLUMN id TYPE bigint',
    /primary key was \(id integer\), and is \(id bigint\)/,
    'ALTER TABLE orders ALTER COLUMN id TYPE integer',
  ],
};

it.each(Object.entries(hindered))(
  'values do not go back where %s: that is told, nothing is changed, and they do once it is put right',
  async (_, [hinder, why, right]) =>
    here(async (client) => {
      await client.query(orders);
      await change(client, 'ALTER TABLE orders DROP COLUMN data');
      await client.query('ALTER TABLE orders ADD COLUMN data json');
      await client.query(hinder);
      await expect(putAllBack(client)).rejects.toMatchObject({
        code: 'keepsake-moved',
        message: expect.stringMatching(why) as unknown,
      });
      expect(await kept(client)).toMatchObject([{ state: 'complete' }]);
      await client.query(right);
      expect(await putAllBack(client)).toMatchObject([{ table: 'public.orders', rows: 1000 }]);
      expect(await kept(client)).toMatchObject([{ state: 'put back' }]);
    })(),
);

it(
  'a table that was moved does not go back into one with other columns',
  here(async (client) => {
    await client.query(
      'CREATE TABLE notes (id int PRIMARY KEY, note text); INSERT INTO notes VALUES (1, $$a$$)',
    );
    const planned = await plannedFor(client, 'DROP TABLE notes');
    await keepAll(client, planned);
    await keepAllRest(client);
    await move(client, planned[0]!);
    await client.query('CREATE TABLE notes (id int PRIMARY KEY)');
    await expect(putAllBack(client)).rejects.toThrow(
      /what was kept of public.notes cannot go back.*no column note/s,
    );
    expect(await kept(client)).toMatchObject([{ state: 'complete' }]);
    await client.query('ALTER TABLE notes ADD COLUMN note text');
    await putAllBack(client);
    expect((await client.query('SELECT * FROM notes')).rows).toEqual([{ id: 1, note: 'a' }]);
  }),
);
