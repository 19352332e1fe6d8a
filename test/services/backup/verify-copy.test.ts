import { jest } from '@jest/globals';
import { dropCopy, restoreBeside } from '../../../src/adapters/backup/restore-beside.js';
import { readManifest } from '../../../src/adapters/backup/files.js';
import { readSchemaFile } from '../../../src/adapters/backup/schema-file.js';
import { verifyCopy, type VerifyOptions } from '../../../src/adapters/backup/verify-copy.js';
import { withDatabase } from '../../../src/adapters/postgres/databases.js';
import type { Backup, BackupManifest } from '../../../src/domain/backup.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { binFolder, inside, removeFolders, run, take } from './support.js';

/** The checker is held against copies with known faults: one that finds nothing would prove nothing. */
jest.setTimeout(60_000);

const applicationName = 'lockkeeper:test:verify';
const role = `lk_verify_${process.pid}`;
const shop = `
  CREATE ROLE ${role};
  CREATE TYPE mood AS ENUM ('good', 'bad');
  CREATE FUNCTION tax(x numeric) RETURNS numeric LANGUAGE sql AS 'SELECT x * 0.19';
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TABLE customers (id bigserial PRIMARY KEY, name text NOT NULL DEFAULT 'nobody', since timestamptz DEFAULT now());
  CREATE TABLE orders (id bigserial PRIMARY KEY, customer bigint NOT NULL REFERENCES customers, total numeric(10, 2),
    CONSTRAINT positive CHECK (total >= 0), CONSTRAINT small CHECK (total < 100000));
  CREATE INDEX by_total ON orders (total);
  CREATE INDEX by_customer ON orders (customer);
  CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE TRIGGER looked_at BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE VIEW cheap AS SELECT id FROM orders WHERE total < 10;
  CREATE TABLE secrets (id int PRIMARY KEY, owner text, words text);
  ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
  CREATE POLICY own ON secrets USING (owner = current_user);
  CREATE POLICY read_all ON secrets FOR SELECT USING (true);
  CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
  CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE STATISTICS dependent ON customer, total FROM orders;
  COMMENT ON TABLE orders IS 'what was bought';
  COMMENT ON STATISTICS dependent IS 'they go together';
  GRANT SELECT, INSERT ON orders TO ${role};
  ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${role};
  INSERT INTO customers (name) SELECT 'c' || n FROM generate_series(1, 100) n;
  INSERT INTO orders (customer, total) SELECT 1 + n % 100, n FROM generate_series(1, 500) n;
  INSERT INTO secrets SELECT n, 'ana', repeat(n::text, 5) FROM generate_series(1, 50) n;
  INSERT INTO events SELECT '2026-05-01', 'e' || n FROM generate_series(1, 50) n;
  SELECT lo_from_bytea(4710, repeat('large', 2000000)::bytea), lo_from_bytea(4711, 'larger')`;

let live: TestDatabase;
let backup: Backup;
let manifest: BackupManifest;
let copy: { name: string; url: string };
beforeAll(async () => {
  live = await freshDatabase();
  await run(live.url, shop);
  backup = await take(live.url, { contentHash: true });
  manifest = (await readManifest(backup.manifest))!;
  copy = await restoreBeside({ url: live.url }, backup, {
    ...{ name: 'run-1', pgBin: await binFolder(), jobs: 2, applicationName, attempt: 1 },
    signal: new AbortController().signal,
    onProgress: () => {},
  });
});
afterAll(async () => {
  await dropCopy(live.url, copy.name, applicationName);
  await live.drop();
  await run(withDatabase(live.url, 'postgres'), `DROP ROLE IF EXISTS ${role}`);
  await removeFolders();
});

const verdict = async (options: Partial<VerifyOptions> = {}, against = manifest) => {
  const described = await readSchemaFile(backup, manifest);
  const databases = { live: live.name, copy: copy.name };
  const signal = new AbortController().signal;
  return inside(copy.url, (client) =>
    verifyCopy(client, against, { described, databases, signal, ...options }),
  );
};

it('control: of a copy that nobody has touched there is nothing to say', async () => {
  expect(await verdict()).toEqual({ differences: [], notes: [] });
});

/** Each changes one more thing of the same copy; what it adds to what is told must be exactly this. */
const faults: [what: string, sql: string, named: string[]][] = [
  [
    'a row is gone',
    `DELETE FROM secrets WHERE id = 7`,
    ['public.secrets: 50 rows in the backup, 49 rows in the copy'],
  ],
  [
    'a byte of a value is another',
    `UPDATE customers SET name = 'd7' WHERE id = 7`,
    ['public.customers: values in it are not those of the backup'],
  ],
  [
    'a row of a partition is gone',
    `DELETE FROM events WHERE what = 'e1'`,
    ['public.events_2026: 50 rows in the backup, 49 rows in the copy'],
  ],
  [
    'the value of a sequence',
    `SELECT setval('customers_id_seq', 99)`,
    ['sequence public.customers_id_seq: 100 in the backup, 99 in the copy'],
  ],
  [
    'an index is gone',
    `DROP INDEX by_total`,
    ['index by_total on public.orders: in the backup, not in the copy'],
  ],
  [
    'an index is invalid',
    `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_customer'::regclass`,
    ['index by_customer on public.orders: nothing in the backup, "invalid" in the copy'],
  ],
  [
    'the owner',
    `ALTER TABLE secrets OWNER TO ${role}`,
    [`table public.secrets: "postgres" in the backup, "${role}" in the copy`],
  ],
  [
    'a privilege is gone',
    `REVOKE INSERT ON orders FROM ${role}`,
    [`table public.orders: "${role}=INSERT," in the backup, nothing in the copy`],
  ],
  [
    'default privileges',
    `ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO ${role}`,
    [`default grants of postgres in all schemas on r: nothing in the backup, "${role}=INSERT," in the copy`],
  ],
  [
    'a policy is gone',
    `DROP POLICY own ON secrets`,
    ['policy own on public.secrets: in the backup, not in the copy'],
  ],
  [
    'a policy says something else',
    `ALTER POLICY read_all ON secrets USING (id > 3)`,
    ['policy read_all on public.secrets: "true" in the backup, "(id > 3)" in the copy'],
  ],
  [
    'row security is off',
    `ALTER TABLE secrets DISABLE ROW LEVEL SECURITY`,
    [`table public.secrets: "row security owner postgres" in the backup, "owner ${role}" in the copy`],
  ],
  [
    'a default',
    `ALTER TABLE customers ALTER name SET DEFAULT 'somebody'`,
    [`column public.customers.name: "'nobody'::text" in the backup, "'somebody'::text" in the copy`],
  ],
  [
    'NOT NULL is gone',
    `ALTER TABLE orders ALTER customer DROP NOT NULL`,
    ['column public.orders.customer: "not null" in the backup, nothing in the copy'],
  ],
  [
    'a constraint is gone',
    `ALTER TABLE orders DROP CONSTRAINT positive`,
    ['constraint positive on public.orders: in the backup, not in the copy'],
  ],
  [
    'a constraint is not validated',
    `ALTER TABLE orders DROP CONSTRAINT small, ADD CONSTRAINT small CHECK (total < 100000) NOT VALID`,
    ['constraint small on public.orders: nothing in the backup, "NOT VALID not validated" in the copy'],
  ],
  [
    'a trigger is gone',
    `DROP TRIGGER touched ON orders`,
    ['trigger touched on public.orders: in the backup, not in the copy'],
  ],
  [
    'a trigger is switched off',
    `ALTER TABLE orders DISABLE TRIGGER looked_at`,
    ['trigger looked_at on public.orders: nothing in the backup, "enabled D" in the copy'],
  ],
  [
    'the text of a view',
    `CREATE OR REPLACE VIEW cheap AS SELECT id FROM orders WHERE total < 11`,
    ['view public.cheap: "(10)::numeric);" in the backup, "(11)::numeric);" in the copy'],
  ],
  [
    'the body of a function',
    `CREATE OR REPLACE FUNCTION tax(x numeric) RETURNS numeric LANGUAGE sql AS 'SELECT x * 0.07'`,
    ['function public.tax(x numeric): "0.19$function$⏎" in the backup, "0.07$function$⏎" in the copy'],
  ],
  [
    'a comment',
    `COMMENT ON STATISTICS dependent IS 'they go apart'`,
    [`comment on statistics object public.dependent: "together'" in the backup, "apart'" in the copy`],
  ],
  [
    'a label of a type',
    `ALTER TYPE mood RENAME VALUE 'bad' TO 'worse'`,
    [`type public.mood: "'bad'" in the backup, "'worse'" in the copy`],
  ],
  [
    'the version of an extension',
    `UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'plpgsql'`,
    [
      'extension plpgsql: 1.0 in the backup, 0.9 in the copy',
      'extension plpgsql: "1.0" in the backup, "0.9" in the copy',
    ],
  ],
  [
    'a byte of a large object is another',
    `SELECT lo_put(max(oid), 2, 'R') FROM pg_largeobject_metadata`,
    ['large object 4711: its contents are not those of the backup'],
  ],
  [
    'a large object is longer, by a zero',
    `SELECT lo_put(min(oid), 10000000, '\\x00') FROM pg_largeobject_metadata`,
    ['large object 4710: its contents are not those of the backup'],
  ],
  [
    'a large object is gone',
    `SELECT lo_unlink(max(oid)) FROM pg_largeobject_metadata`,
    [
      'large objects: 2 in the backup, 1 in the copy',
      'large objects owner postgres: "2" in the backup, "1" in the copy',
    ],
  ],
  [
    'something that was not there',
    `CREATE TABLE extra (id int)`,
    [
      'public.extra: no such table in the backup, 0 rows in the copy',
      'column public.extra.id: not in the backup, in the copy',
      'order of columns of public.extra: not in the backup, in the copy',
      'table public.extra: not in the backup, in the copy',
    ],
  ],
];

describe('each fault of a copy is named, and nothing else', () => {
  it.each(faults)('%s', async (_, sql, named) => {
    const before = (await verdict()).differences;
    await run(copy.url, sql);
    const after = (await verdict()).differences;
    expect(after.filter((words) => !before.includes(words)).sort()).toEqual([...named].sort());
  });

  it('a setting, a privilege and the limit of connections of the database itself', async () => {
    const before = (await verdict()).differences;
    await run(
      withDatabase(live.url, 'postgres'),
      `ALTER DATABASE ${copy.name} SET work_mem = '9MB'; ALTER DATABASE ${copy.name} CONNECTION LIMIT 7;
       GRANT CREATE ON DATABASE ${copy.name} TO ${role}`,
    );
    const added = (await verdict()).differences.filter((words) => !before.includes(words));
    expect(added.join('\n')).toMatch(/setting work_mem=9MB: only so of the copy/);
    expect(added.join('\n')).toMatch(/datconnlimit is 7: only so of the copy/);
    expect(added.join('\n')).toMatch(new RegExp(`${role}=CREATE.*: only so of the copy`));
    await run(withDatabase(live.url, 'postgres'), `REVOKE CREATE ON DATABASE ${copy.name} FROM ${role}`);
  });
});

it('of large objects that are other ones, though as many, it says so', async () => {
  const { largeObjectHashes: _, ...contents } = manifest.contents;
  const { differences } = await verdict({}, { ...manifest, contents: { ...contents, largeObjects: 1 } });
  expect(differences.join('\n')).not.toContain('contents');
  const other = { ...contents, largeObjects: 1, largeObjectHashes: { 7: '1' } };
  expect((await verdict({}, { ...manifest, contents: other })).differences).toEqual(
    expect.arrayContaining([
      'large object 4710: its contents are not those of the backup',
      'large objects: the contents of at least 1 of the backup are not in the copy',
    ]),
  );
});

it('without hashes of the contents a value that was changed in place is not seen', async () => {
  const { hashes: _, ...contents } = manifest.contents;
  const { differences } = await verdict({}, { ...manifest, contents });
  expect(differences.join('\n')).not.toMatch(/public\.customers: values/);
});

it('a difference that the settings know is noted, and does not speak against the backup', async () => {
  const { differences, notes } = await verdict({ known: ['index by_customer on *'] });
  expect(differences.join('\n')).not.toContain('by_customer');
  expect(notes).toContain(
    'known: index by_customer on public.orders: nothing in the backup, "invalid" in the copy',
  );
});

it('a sequence that is behind its column is told of', async () => {
  const { notes } = await verdict();
  expect(notes.join('\n')).toContain(
    'sequence public.customers_id_seq is at 99, and public.customers.id goes up to 100 already',
  );
});

it('a description that is not what was written is not trusted: the hash of the schema says that it differs', async () => {
  const { differences, notes } = await verdict({ described: { fault: 'it is gone' } });
  expect(differences).toContain('the schema is not that of the backup');
  expect(notes).toContain('its schema was compared by its hash only: it is gone');
});
