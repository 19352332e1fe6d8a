import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupManifest } from '../../../src/domain/backup.js';
import { describe as describeBackup } from '../../../src/adapters/backup/describe.js';
import { takeSnapshot } from '../../../src/adapters/backup/snapshot.js';
import { withClient } from '../../../src/adapters/postgres/client.js';
import { fingerprint } from '../../../src/adapters/postgres/fingerprint.js';
import { freshDatabase } from '../../support/servers.js';
import { flipByte } from '../restore/support.js';
import {
  applicationName,
  filesIn,
  inside,
  newFolder,
  oneValue,
  removeFolders,
  restore,
  run,
  sessionsLeft,
  take,
  until,
  whenDumping,
  wrapped,
} from './support.js';

const manifestOf = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as BackupManifest;

/** A shop whose orders are numbered without a gap, and which always has one line for each order. */
const shop = `
  CREATE TABLE orders (id bigserial PRIMARY KEY, note text NOT NULL);
  CREATE TABLE lines (order_id bigint NOT NULL REFERENCES orders, amount int NOT NULL CHECK (amount > 0));
  CREATE TABLE "Odd ""name" (x int);
  CREATE TABLE events (at date NOT NULL) PARTITION BY RANGE (at);
  CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM orders;
  CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
  INSERT INTO alembic_version VALUES ('a1b2c3');
  INSERT INTO orders (note) SELECT md5(n::text) || md5((n * 7)::text) FROM generate_series(1, 60000) n;
  INSERT INTO lines SELECT id, 1 + id % 9 FROM orders;
  INSERT INTO events SELECT date '2026-01-01' + n FROM generate_series(0, 99) n;
  INSERT INTO "Odd ""name" VALUES (1), (2);
  COMMENT ON TABLE orders IS 'what was ordered';
  SELECT lo_from_bytea(0, 'a large object');
  REFRESH MATERIALIZED VIEW totals;
  ANALYZE`;

let template: Awaited<ReturnType<typeof freshDatabase>>;
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  template = await freshDatabase();
  await run(template.url, shop);
});
afterAll(() => template.drop());
beforeEach(async () => {
  database = await freshDatabase(template.name);
});
afterEach(async () => {
  await database.drop();
  await removeFolders();
});

/** Takes orders, each with its line, until told to stop. */
async function orderUntilStopped(url: string, signal: AbortSignal): Promise<number> {
  return inside(url, async (client) => {
    let taken = 0;
    for (; !signal.aborted; taken += 1)
      await client.query(`WITH o AS (INSERT INTO orders (note) VALUES ('written meanwhile') RETURNING id)
        INSERT INTO lines SELECT id, 1 FROM o`);
    return taken;
  });
}

it('restored, a backup taken while orders come in has exactly the rows and the schema of its manifest', async () => {
  const stop = new AbortController();
  const writing = orderUntilStopped(database.url, stop.signal);
  await until(async () => Number(await oneValue(database.url, 'SELECT max(id) FROM orders')) > 60_010);
  const told: string[] = [];
  const backup = await take(database.url, { onProgress: (text) => told.push(text) });
  stop.abort();
  expect(await writing).toBeGreaterThan(10);

  const manifest = await manifestOf(backup.manifest);
  const copy = await freshDatabase();
  try {
    await restore(backup.path, copy.url);
    for (const [table, rows] of Object.entries(manifest.contents.tables))
      expect([table, Number(await oneValue(copy.url, `SELECT count(*) FROM ONLY ${table}`))]).toEqual([
        table,
        rows,
      ]);
    expect(Object.keys(manifest.contents.tables)).toContain('public."Odd ""name"');
    expect((await inside(copy.url, (client) => fingerprint(client))).hash).toBe(manifest.fingerprint);
    const last = Number(await oneValue(copy.url, `SELECT last_value FROM orders_id_seq`));
    expect(last).toBeGreaterThanOrEqual(Number(manifest.contents.sequences['public.orders_id_seq']));
    expect(Number(await oneValue(copy.url, 'SELECT count(*) FROM pg_largeobject_metadata'))).toBe(1);
    // One statement made each order and its line: a backup that is no moment would have one without the other.
    expect(
      await oneValue(copy.url, 'SELECT (SELECT count(*) FROM orders) = (SELECT count(*) FROM lines)'),
    ).toBe(true);
  } finally {
    await copy.drop();
  }
  expect(manifest).toMatchObject({ revisions: ['a1b2c3'], level: 'L2', contents: { largeObjects: 1 } });
  expect(told.some((text) => text.startsWith('reading back: '))).toBe(true);
  expect(await sessionsLeft(database.url)).toBe(0);
});

it('has sequences as they were before the dump began, so that the dump, which reads them later, is never behind', async () => {
  await inside(database.url, async (client) => {
    const snapshot = await takeSnapshot(client);
    await run(database.url, "SELECT nextval('orders_id_seq')");
    const { signal } = new AbortController();
    const { sequences } = (await describeBackup(client, snapshot, { signal })).contents;
    expect(sequences['public.orders_id_seq']).toBe('60000');
    await client.query('ROLLBACK');
  });
});

it('is private, small enough to travel, and the same when asked for again', async () => {
  const folder = `${await newFolder()}/made/for/it`;
  const first = await take(database.url, { folder });
  const written = await stat(first.path);
  expect(await take(database.url, { folder, attempt: 2 })).toEqual(first);
  expect((await stat(first.path)).mtimeMs).toBe(written.mtimeMs);
  expect(written.mode & 0o777).toBe(0o700);
  for (const { path } of (await manifestOf(first.manifest)).files)
    expect([path, (await stat(join(folder, path))).mode & 0o777]).toEqual([path, 0o600]);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(await filesIn(folder)).toEqual(['run-1.dump', 'run-1.globals.sql', 'run-1.json', 'run-1.schema']);
  expect(JSON.stringify(first).length).toBeLessThan(1_000);
});

it('a backup that was damaged since is put aside, and a new one taken', async () => {
  const folder = await newFolder();
  const first = await take(database.url, { folder });
  await flipByte(first);
  const second = await take(database.url, { folder, attempt: 2 });
  expect(second.startedAt > first.startedAt).toBe(true);
  expect(await filesIn(folder)).toEqual([
    ...['run-1.dump', 'run-1.dump.damaged', 'run-1.globals.sql', 'run-1.json', 'run-1.schema'],
  ]);
});

it('removes what a dead attempt left behind, and ends its session', async () => {
  const folder = await newFolder();
  await writeFile(`${folder}/run-1.dump`, 'without a manifest it does not count');
  await mkdir(`${folder}/run-1.dump.1.part`);
  await writeFile(`${folder}/run-1.dump.1.part/toc.dat`, 'half of it');
  await writeFile(`${folder}/run-11.dump.1.part`, 'of another run');
  const orphan = withClient(database.url, { applicationName: `${applicationName}/1/` }, (client) =>
    client.query('SELECT pg_sleep(60)'),
  ).catch((error: Error) => error);
  await until(async () => (await sessionsLeft(database.url)) === 1);
  await take(database.url, { folder, attempt: 2 });
  expect(await orphan).toMatchObject({ code: 'connection-lost' });
  expect(await filesIn(folder)).toEqual([
    ...['run-1.dump', 'run-1.globals.sql', 'run-1.json', 'run-1.schema', 'run-11.dump.1.part'],
  ]);
});

it('refuses a folder where another database has a backup of that name', async () => {
  const folder = await newFolder();
  await take(template.url, { folder });
  await expect(take(database.url, { folder })).rejects.toMatchObject({ code: 'backup-name-taken' });
});

it('TRUNCATE during the dump waits until it is over, and the dump has all rows', async () => {
  // Slow enough to get in between: the dump goes on when TRUNCATE was seen to wait.
  const gate = `${await newFolder()}/go`;
  const pgBin = await wrapped({
    pg_dump: whenDumping(`"$real" "$@" & dump=$!; sleep 0.3; kill -STOP $dump;
      while [ ! -e ${gate} ]; do sleep 0.05; done; kill -CONT $dump; wait $dump`),
  });
  const taking = take(database.url, { pgBin });
  await until(async () => (await holding(database.url)) >= 2);
  const truncating = run(database.url, 'TRUNCATE lines');
  await until(async () => (await waiting(database.url)) === 1);
  await writeFile(gate, '');
  const backup = await taking;
  await truncating;
  expect((await manifestOf(backup.manifest)).contents.tables['public.lines']).toBe(60_000);
  const copy = await freshDatabase();
  await restore(backup.path, copy.url);
  expect(await oneValue(copy.url, 'SELECT count(*)::int FROM lines')).toBe(60_000);
  await copy.drop();
});

it('gives way to a TRUNCATE that came between our locks and those of pg_dump, and names it', async () => {
  const gate = `${await newFolder()}/go`;
  const pgBin = await wrapped({
    pg_dump: whenDumping(`while [ ! -e ${gate} ]; do sleep 0.05; done; exec "$real" "$@"`),
  });
  const folder = await newFolder();
  const taking = take(database.url, { pgBin, folder });
  const failed = expect(taking).rejects.toMatchObject({
    code: 'backup-blocked',
    told: { retry: true, why: expect.stringContaining('TRUNCATE lines') as string },
  });
  await until(async () => (await holding(database.url)) === 1);
  const truncating = run(database.url, 'TRUNCATE lines');
  await until(async () => (await waiting(database.url)) === 1);
  await writeFile(gate, '');
  await failed;
  await truncating;
  expect(await filesIn(folder)).toEqual([]);
});

it('gives way to a session that keeps a table for itself, and names it', async () => {
  const blocked = inside(database.url, async (client) => {
    await client.query('BEGIN; LOCK TABLE lines IN ACCESS EXCLUSIVE MODE');
    await expect(take(database.url, { lockTimeoutMs: 200 })).rejects.toMatchObject({
      code: 'backup-blocked',
      told: { retry: true, why: expect.stringMatching(/pid \d+ \(test\).*lines/) as string },
    });
  });
  await blocked;
  expect(await sessionsLeft(database.url)).toBe(0);
});

/** Sessions of the backup that hold a lock on `lines`. */
const holding = async (url: string): Promise<number> =>
  Number(
    await oneValue(
      url,
      `SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE relation = 'lines'::regclass AND granted AND starts_with(application_name, '${applicationName}')`,
    ),
  );

/** Sessions that wait for a lock on `lines`. */
const waiting = async (url: string): Promise<number> =>
  Number(
    await oneValue(url, `SELECT count(*) FROM pg_locks WHERE relation = 'lines'::regclass AND NOT granted`),
  );
