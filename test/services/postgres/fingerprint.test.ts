import { type Client, withClient } from '../../../src/adapters/postgres/client.js';
import {
  type Fingerprint,
  fingerprint,
  fingerprintDifference,
  type FingerprintOptions,
} from '../../../src/adapters/postgres/fingerprint.js';
import { freshDatabase } from '../../support/servers.js';

const schema = `
  CREATE TYPE mood AS ENUM ('sad', 'happy');
  CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE TYPE point3 AS (x int, y int, z text);
  CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL DEFAULT 'nobody', mood mood, old int);
  CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id int NOT NULL REFERENCES customers,
    amount positive,
    twice int GENERATED ALWAYS AS (amount * 2) STORED,
    at timestamptz DEFAULT '2020-01-01 00:00:00+00',
    CONSTRAINT big_enough CHECK (amount > 1)
  );
  CREATE INDEX orders_customer ON orders (customer_id);
  CREATE VIEW rich AS SELECT c.name, sum(o.amount) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY 1;
  CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM orders;
  CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT n * 2 $$;
  CREATE AGGREGATE add_up(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
  CREATE TRIGGER stamped BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
  ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
  CREATE POLICY own ON customers USING (name = current_user);
  CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
  CREATE TABLE events_2026_01 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
  CREATE STATISTICS order_stats ON customer_id, amount FROM orders;
  CREATE SEQUENCE tickets;
  CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
`;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let original: Fingerprint;
const inside = <T>(work: (client: Client) => Promise<T>, url = database.url) =>
  withClient(url, { applicationName: 'test' }, work);
const taken = (options: FingerprintOptions = {}, url = database.url): Promise<Fingerprint> =>
  inside((client) => fingerprint(client, options), url);
const run = (sql: string) => inside((client) => client.query(sql));

beforeAll(async () => {
  database = await freshDatabase();
  await run(schema);
  original = await taken();
});
afterAll(() => database.drop());

/** What changes the schema, and what takes the change back. */
const changes: [what: string, change: string, back: string][] = [
  ['a table', 'CREATE TABLE extra (id int)', 'DROP TABLE extra'],
  ['a column', 'ALTER TABLE orders ADD note text', 'ALTER TABLE orders DROP note'],
  ['a type', 'ALTER TABLE customers ALTER old TYPE bigint', 'ALTER TABLE customers ALTER old TYPE int'],
  [
    'not null',
    'ALTER TABLE customers ALTER old SET NOT NULL',
    'ALTER TABLE customers ALTER old DROP NOT NULL',
  ],
  [
    'a default',
    'ALTER TABLE customers ALTER old SET DEFAULT 1',
    'ALTER TABLE customers ALTER old DROP DEFAULT',
  ],
  ['an index', 'CREATE INDEX extra ON orders (amount)', 'DROP INDEX extra'],
  [
    'validity of an index',
    `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_customer'::regclass`,
    `UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'orders_customer'::regclass`,
  ],
  [
    'a constraint',
    'ALTER TABLE orders ADD CONSTRAINT small CHECK (amount < 9)',
    'ALTER TABLE orders DROP CONSTRAINT small',
  ],
  [
    'validity of a constraint',
    'ALTER TABLE orders DROP CONSTRAINT big_enough, ADD CONSTRAINT big_enough CHECK (amount > 1) NOT VALID',
    'ALTER TABLE orders VALIDATE CONSTRAINT big_enough',
  ],
  ['a sequence', 'ALTER SEQUENCE tickets INCREMENT 5', 'ALTER SEQUENCE tickets INCREMENT 1'],
  ['a view', 'CREATE VIEW extra AS SELECT 1 AS one', 'DROP VIEW extra'],
  [
    'a materialized view',
    'CREATE MATERIALIZED VIEW extra AS SELECT 1 AS one',
    'DROP MATERIALIZED VIEW extra',
  ],
  [
    'the body of a function',
    'CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT n + n $$',
    'CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT n * 2 $$',
  ],
  ['a trigger', 'ALTER TABLE orders DISABLE TRIGGER stamped', 'ALTER TABLE orders ENABLE TRIGGER stamped'],
  ['a domain', 'ALTER DOMAIN positive SET DEFAULT 7', 'ALTER DOMAIN positive DROP DEFAULT'],
  ['a composite type', 'ALTER TYPE point3 ADD ATTRIBUTE w int', 'ALTER TYPE point3 DROP ATTRIBUTE w'],
  ['a policy', 'CREATE POLICY extra ON customers FOR SELECT USING (true)', 'DROP POLICY extra ON customers'],
  [
    'row security',
    'ALTER TABLE orders ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE orders DISABLE ROW LEVEL SECURITY',
  ],
  ['a grant', 'GRANT SELECT ON orders TO public', 'REVOKE SELECT ON orders FROM public'],
  [
    'a grant on a column',
    'GRANT UPDATE (amount) ON orders TO public',
    'REVOKE UPDATE (amount) ON orders FROM public',
  ],
  ['an owner', 'ALTER TABLE orders OWNER TO pg_database_owner', 'ALTER TABLE orders OWNER TO postgres'],
  ['a comment', `COMMENT ON COLUMN orders.amount IS 'cents'`, 'COMMENT ON COLUMN orders.amount IS NULL'],
  ['a schema', 'CREATE SCHEMA extra', 'DROP SCHEMA extra'],
  ['an option', 'ALTER TABLE orders SET (fillfactor = 70)', 'ALTER TABLE orders RESET (fillfactor)'],
  ['statistics', 'CREATE STATISTICS more ON id, amount FROM orders', 'DROP STATISTICS more'],
  [
    'default privileges',
    'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public',
    'ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM public',
  ],
  ['a collation', `CREATE COLLATION extra FROM "C"`, 'DROP COLLATION extra'],
  ['a cast', 'CREATE CAST (mood AS point3) WITH INOUT', 'DROP CAST (mood AS point3)'],
];

it.each(changes)('%s changes the hash, and taken back gives the same hash again', (_what, change, back) =>
  inside(async (client) => {
    await client.query(`SET allow_system_table_mods = on; ${change}`);
    const between = await fingerprint(client);
    await client.query(back);
    const after = await fingerprint(client);
    expect(between.hash).not.toBe(original.hash);
    const { missing, added } = fingerprintDifference(original, between);
    expect(missing.length + added.length).toBeGreaterThan(0);
    expect(fingerprintDifference(original, after)).toEqual({ missing: [], added: [] });
    expect(after.hash).toBe(original.hash);
  }),
);

it('a new label of an enum changes the hash', async () => {
  const before = await taken();
  await run(`ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy'`);
  const { missing, added } = fingerprintDifference(before, await taken());
  expect(missing).toEqual([expect.stringContaining(`labels 'sad', 'happy'`)]);
  expect(added).toEqual([expect.stringContaining(`labels 'sad', 'calm', 'happy'`)]);
});

it('the same schema made in another order of columns has the same hash', async () => {
  const [a, b] = [await freshDatabase(), await freshDatabase()];
  try {
    await inside((client) => client.query('CREATE TABLE t (a int PRIMARY KEY, b text, c date)'), a.url);
    await inside(
      (client) =>
        client.query('CREATE TABLE t (c date, gone int, b text, a int PRIMARY KEY); ALTER TABLE t DROP gone'),
      b.url,
    );
    expect(await taken({}, b.url)).toEqual(await taken({}, a.url));
  } finally {
    await Promise.all([a.drop(), b.drop()]);
  }
});

it('what is declared to come and go, the version table and our own schemas do not count', async () => {
  const before = await taken({ ignore: ['public.events_2*'] });
  await run(`CREATE TABLE events_2026_02 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
    CREATE INDEX ON events_2026_02 (what);
    CREATE SCHEMA lockkeeper; CREATE TABLE lockkeeper.x (id serial);
    ALTER TABLE alembic_version ADD extra int`);
  const after = await taken({ ignore: ['public.events_2*'] });
  expect(fingerprintDifference(before, after)).toEqual({ missing: [], added: [] });
  expect((await taken()).hash).not.toBe(after.hash);
});

it('hostile settings of the role do not change the hash', async () => {
  const before = await taken();
  await run(`ALTER DATABASE ${database.name} SET datestyle = 'German';
    ALTER DATABASE ${database.name} SET timezone = 'Asia/Seoul';
    ALTER DATABASE ${database.name} SET search_path = 'lockkeeper, public';
    ALTER DATABASE ${database.name} SET quote_all_identifiers = on`);
  expect((await taken()).hash).toBe(before.hash);
});

it('does not wait long for whoever keeps a view for itself', async () => {
  await inside(async (holder) => {
    await holder.query('BEGIN; LOCK TABLE public.rich');
    await expect(taken({ lockTimeoutMs: 100 })).rejects.toMatchObject({
      code: 'schema-locked',
      told: { retry: true },
    });
  });
});

it('no line holds a line break, and a thousand tables take less than three seconds', async () => {
  await run(`DO $$ BEGIN FOR i IN 1..1000 LOOP
    EXECUTE format('CREATE TABLE public.many_%s (id int PRIMARY KEY, a text, b int NOT NULL DEFAULT 1)', i);
  END LOOP; END $$`);
  const started = performance.now();
  const { lines } = await taken();
  expect(performance.now() - started).toBeLessThan(3_000);
  expect(lines.length).toBeGreaterThan(5_000);
  expect(lines.filter((line) => /[\r\n]/.test(line))).toEqual([]);
});
