import { readFile, rm, writeFile } from 'node:fs/promises';
import { dropCopy, restoreBeside, type RestoreOptions } from '../../../src/adapters/backup/restore-beside.js';
import { sweepScratch } from '../../../src/adapters/backup/restore-copies.js';
import { refuseUnlessEmptyCopy } from '../../../src/adapters/backup/restore-guard.js';
import { type Database, withDatabase } from '../../../src/adapters/postgres/databases.js';
import { swapDatabases } from '../../../src/adapters/postgres/swap.js';
import { identity } from '../../../src/adapters/postgres/identity.js';
import type { Backup, BackupManifest } from '../../../src/domain/backup.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { binFolder, inside, oneValue, removeFolders, run, take } from '../backup/support.js';
import { die, dropNamed, flipByte, leftOf, problem } from './support.js';

const applicationName = 'lockkeeper:test:restore';
const shop = `
  CREATE TABLE orders (id bigserial PRIMARY KEY, note text NOT NULL);
  CREATE TABLE lines (order_id bigint NOT NULL REFERENCES orders);
  CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
  INSERT INTO alembic_version VALUES ('a1b2c3');
  INSERT INTO orders (note) SELECT md5(n::text) FROM generate_series(1, 2000) n;
  INSERT INTO lines SELECT id FROM orders`;

let live: TestDatabase;
let backup: Backup;
const role = `lk_test_${process.pid}`;
beforeAll(async () => {
  live = await freshDatabase();
  await run(live.url, shop);
  await run(
    live.url,
    `CREATE ROLE ${role}; REVOKE CONNECT ON DATABASE ${live.name} FROM PUBLIC;
     GRANT CONNECT ON DATABASE ${live.name} TO ${role} WITH GRANT OPTION;
     ALTER DATABASE ${live.name} SET search_path = sales, "$user", "Odd, one", public;
     ALTER DATABASE ${live.name} SET default_transaction_read_only = on;
     ALTER DATABASE ${live.name} SET shop.slogan = 'it''s cheap';
     ALTER ROLE ${role} IN DATABASE ${live.name} SET work_mem = '7MB';
     ALTER DATABASE ${live.name} CONNECTION LIMIT 50; ALTER DATABASE ${live.name} OWNER TO ${role}`,
  );
});
afterAll(async () => {
  await live.drop();
  await run(withDatabase(live.url, 'postgres'), `DROP ROLE ${role}`);
});

beforeEach(async () => {
  backup = await take(live.url);
});
afterEach(async () => {
  expect(await sweepScratch(live.url, { applicationName })).toEqual([]);
  await removeFolders();
});

const beside = async (changes: Partial<RestoreOptions> = {}, url = live.url) =>
  restoreBeside({ url }, backup, {
    name: 'run-1',
    pgBin: await binFolder(),
    jobs: 2,
    applicationName,
    attempt: 1,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...changes,
  });

it('the copy has all rows, and all that hangs on the database itself; asked again it is the same', async () => {
  const told: string[] = [];
  const copy = await beside({ onProgress: (text) => told.push(text) });
  expect(await oneValue(copy.url, 'SELECT count(*)::int FROM public.lines')).toBe(2000);
  const properties = `SELECT jsonb_build_array(pg_get_userbyid(d.datdba), d.datconnlimit, d.datcollate, d.encoding,
      (SELECT jsonb_agg(a ORDER BY a) FROM (SELECT (aclexplode(d.datacl))::text AS a) x),
      (SELECT jsonb_agg(jsonb_build_array(setrole, setconfig) ORDER BY setrole) FROM pg_db_role_setting
        WHERE setdatabase = d.oid)) FROM pg_database d WHERE datname = current_database()`;
  expect(await oneValue(copy.url, properties)).toEqual(await oneValue(live.url, properties));
  expect(told.some((text) => /^restoring: \d+ steps done$/.test(text))).toBe(true);
  expect(copy.bytes).toBeGreaterThan(1_000_000);
  expect(await beside({ attempt: 2 })).toEqual(copy);
  await dropCopy(live.url, copy.name, applicationName);
});

it.each(['made', 'restoring: ', 'comparing'])(
  'killed when "%s" was told, it leaves one copy at most, which the next attempt replaces',
  async (dieAt) => {
    await die({ dieAt, url: live.url, restore: { backup, name: 'run-1', pgBin: await binFolder() } });
    const left = await leftOf(live.url);
    expect(left).toHaveLength(1);
    if (dieAt === 'restoring: ')
      return expect(await sweepScratch(live.url, { applicationName })).toMatchObject([{ name: left[0] }]);
    const copy = await beside({ attempt: 2 });
    expect(await leftOf(live.url)).toEqual([copy.name]);
    expect(left).not.toEqual([copy.name]);
    await dropCopy(live.url, copy.name, applicationName);
  },
);

it('an archive that is damaged or gone is refused before a database is made', async () => {
  await flipByte(backup);
  expect((await problem(beside())).code).toBe('backup-damaged');
  await rm(backup.path, { recursive: true });
  expect((await problem(beside())).code).toBe('backup-missing');
});

it('nothing is restored into the live database, or into one that has something in it', async () => {
  await inside(live.url, async (client) => {
    const { oid } = await identity(client);
    const asCopy: Database = {
      ...{ name: live.name, oid, open: true, comment: null },
      marker: { of: 'shop', oid: 1, run: 'run-1', state: 'incomplete' },
    };
    expect((await problem(refuseUnlessEmptyCopy(client, { oid }, asCopy))).code).toBe('not-a-copy');
    const full = await problem(refuseUnlessEmptyCopy(client, { oid: 1 }, asCopy));
    expect(full.message).toMatch(/it has \d+ relations already/);
  });
});

it('a copy that is not what the manifest says is dropped, and every difference named', async () => {
  const manifest = JSON.parse(await readFile(backup.manifest, 'utf8')) as BackupManifest;
  const tables = { ...manifest.contents.tables, 'public.lines': 2001, 'public.gone': 3 };
  const sequences = { 'public.orders_id_seq': '2001' };
  const { schema: _, ...changed } = { ...manifest, fingerprint: 'f' };
  const contents = { ...manifest.contents, tables, sequences };
  await writeFile(backup.manifest, JSON.stringify({ ...changed, contents }));
  const { code, message } = await problem(beside({ schema: ['table public.was_there owner nobody'] }));
  expect(code).toBe('not-as-backup');
  for (const words of [
    'public.lines: 2,001 rows in the backup, 2,000 rows in the copy',
    'public.gone: 3 rows in the backup, no such table in the copy',
    'sequence public.orders_id_seq: 2001 in the backup, 2000 in the copy',
    'table public.was_there: in the backup, not in the copy',
    'column public.orders.id: not in the backup, in the copy',
  ])
    expect(message).toContain(words);
});

it('a backup that cannot be restored says why, in words of pg_restore', async () => {
  const broken = await freshDatabase();
  // As a load with triggers switched off leaves it: the dump holds the row, and no database takes it.
  await run(
    broken.url,
    `CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int REFERENCES a);
     SET session_replication_role = replica; INSERT INTO b VALUES (7)`,
  );
  try {
    backup = await take(broken.url);
    const failed = await problem(beside({}, broken.url));
    expect(failed.code).toBe('restore-failed');
    expect(failed.message).toContain('Key (a)=(7) is not present in table "a"');
    expect(await leftOf(broken.url)).toEqual([]);
  } finally {
    await broken.drop();
  }
});

it('the owner of the database who may create databases can restore and swap; who may not is told what to grant', async () => {
  const own = await freshDatabase();
  const owner = `${role}_owner`;
  const as = new URL(own.url);
  [as.username, as.password] = [owner, 'secret'];
  await run(
    own.url,
    `CREATE ROLE ${owner} LOGIN PASSWORD 'secret'; ALTER DATABASE ${own.name} OWNER TO ${owner}`,
  );
  try {
    await run(as.href, `CREATE EXTENSION pg_trgm; CREATE TABLE t AS SELECT 1 AS x`);
    backup = await take(as.href);
    const refused = await problem(beside({}, as.href));
    expect(refused.told.next).toEqual([`as a superuser: ALTER ROLE "${owner}" CREATEDB`]);
    await run(own.url, `ALTER ROLE ${owner} CREATEDB`);
    await run(own.url, `ALTER ROLE ${role} IN DATABASE ${own.name} SET work_mem = '7MB'`);
    expect((await problem(beside({}, as.href))).code).toBe('may-not-copy-properties');
    await run(own.url, `ALTER ROLE ${role} IN DATABASE ${own.name} RESET work_mem`);
    const { name } = await beside({}, as.href);
    await swapDatabases({ applicationName, url: as.href, restored: name, keepAs: `${own.name}_kept` });
    expect(await oneValue(as.href, 'SELECT x FROM t')).toBe(1);
  } finally {
    await dropNamed(live.url, [`${own.name}_kept`, own.name]);
    await run(withDatabase(live.url, 'postgres'), `DROP ROLE ${owner}`);
  }
});
