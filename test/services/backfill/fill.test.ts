import { jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fill, type FillOptions } from '../../../src/activities/backfill/fill.js';
import { parkedRows } from '../../../src/adapters/backfill/parked.js';
import { tryAdvisoryLock } from '../../../src/adapters/postgres/advisory-lock.js';
import { withClient } from '../../../src/adapters/postgres/client.js';
import { fingerprint } from '../../../src/adapters/postgres/fingerprint.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { until } from '../../support/project.js';
import { ID, open, options, query, run } from './support.js';

jest.setTimeout(120_000);

let database: TestDatabase;
let url: string;
beforeEach(async () => {
  database = await freshDatabase();
  ({ url } = database);
});
afterEach(() => database.drop());

const small = { targetMs: 10, first: 7, least: 1, most: 50 };
const add = { table: 't', set: { n: 'n + 1' }, batch: small };
const codeOf = (act: Promise<unknown>): Promise<unknown> =>
  act.then(
    () => 'no problem',
    ({ code }: { code: unknown }) => code,
  );

describe('every row once, whatever its key is', () => {
  it.each([
    ['bigint with gaps', 'k bigint PRIMARY KEY', 'i * i'],
    ['negative numeric', 'k numeric PRIMARY KEY', '(50 - i) / 3.0'],
    ['uuid', 'k uuid PRIMARY KEY', 'gen_random_uuid()'],
    ['text in the collation C', 'k text COLLATE "C" PRIMARY KEY', `chr(40 + i % 80) || '''"\\é' || i`],
    ['text in the collation of the database', 'k text PRIMARY KEY', `chr(40 + i % 80) || ' _' || i`],
    ['varchar(9) and char(9)', 'k varchar(9), l char(9), PRIMARY KEY (k, l)', `'k' || i % 9, 'l' || i / 9`],
    ['timestamptz', 'k timestamptz PRIMARY KEY', `'2026-01-01'::timestamptz + i * interval '1.000001 s'`],
    ['float8', 'k float8 PRIMARY KEY', 'exp(i::float8) / 3'],
    ['bytea', 'k bytea PRIMARY KEY', `decode(md5(i::text), 'hex')`],
    [
      'three columns',
      'a int, b text, c date, PRIMARY KEY (b, c, a)',
      `i, 'b' || i % 3, '2026-01-01'::date + i % 5`,
    ],
    ['an enum', `k mood, l int, PRIMARY KEY (k, l)`, `(ARRAY['sad', 'ok', 'Happy']::mood[])[i % 3 + 1], i`],
  ])('%s', async (_, columns, values) => {
    await query(
      url,
      `CREATE TYPE mood AS ENUM ('sad', 'ok', 'Happy');
       CREATE TABLE t (${columns}, n int NOT NULL DEFAULT 0);
       INSERT INTO t SELECT ${values}, 0 FROM generate_series(1, 333) i`,
    );
    const { over, standing } = await run(url, add);
    expect({ over, ...standing }).toMatchObject({ over: true, changed: 333, scanned: 333, parked: 0 });
    expect(await query(url, 'SELECT n, count(*)::int FROM t GROUP BY n')).toEqual([{ n: 1, count: 333 }]);
  });

  it('partitions, by the key of their parent; and a unique index in place of a primary key', async () => {
    await query(
      url,
      `CREATE TABLE t (at date, id int, n int DEFAULT 0, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
       CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
       CREATE TABLE t2 PARTITION OF t DEFAULT;
       INSERT INTO t SELECT '2026-01-15'::date + i % 40, i FROM generate_series(1, 300) i;
       CREATE TABLE u (a int NOT NULL, b int NOT NULL, n int DEFAULT 0, UNIQUE (b, a));
       INSERT INTO u SELECT i % 10, i FROM generate_series(1, 100) i`,
    );
    expect((await run(url, add)).standing.changed).toBe(300);
    expect(await query(url, 'SELECT DISTINCT n FROM t')).toEqual([{ n: 1 }]);
    await open(url, { ...add, table: 'u', key: ['b', 'a'] }, { again: true });
    expect((await fill(url, options())).standing.changed).toBe(100);
  });

  it('of an empty table nothing, and it is done', async () => {
    await query(url, 'CREATE TABLE t (id int PRIMARY KEY, n int)');
    expect(await run(url, add)).toMatchObject({ over: true, standing: { phase: 'done', changed: 0 } });
  });
});

const orders = `
  CREATE TABLE t (id int PRIMARY KEY, a text, n int);
  INSERT INTO t SELECT i, i::text FROM generate_series(1, 1000) i`;
const parse = {
  ...{
    table: 't',
    set: { n: 'a::int' },
    where: 'n IS NULL',
    verify: 'n = a::int',
    batch: { ...small, most: 400 },
  },
};

it('batches grow to what takes the time that one should', async () => {
  await query(
    url,
    'CREATE TABLE t (k int PRIMARY KEY, n int DEFAULT 0); INSERT INTO t SELECT generate_series(1, 60000)',
  );
  const limits = { targetMs: 10_000, first: 10, least: 1, most: 20_000 };
  const { standing } = await run(url, { ...add, batch: limits });
  // 10, 15, 23 … by a half each time: twenty up to the most.
  expect(standing).toMatchObject({ scanned: 60_000, changed: 60_000 });
  expect(standing.batches).toBeLessThan(30);
});

it('rows whose expression fails are parked with key and error, and tried again once they are mended', async () => {
  await query(url, `${orders}; UPDATE t SET a = 'x' WHERE id IN (1, 2, 500, 1000)`);
  const { standing } = await run(url, parse);
  expect(standing).toMatchObject({ phase: 'done', changed: 996, parked: 4, left: 0, differ: 0 });
  const parked = await withClient(url, { applicationName: 'test' }, (client) => parkedRows(client, ID, 10));
  expect(parked.map(({ key, code }) => [key[0], code])).toEqual([
    ['1', '22P02'],
    ['1000', '22P02'],
    ['2', '22P02'],
    ['500', '22P02'],
  ]);
  expect(parked[0]?.error).toMatch(/invalid input syntax for type integer: "x"/);
  await query(url, `UPDATE t SET a = '7' WHERE id IN (1, 1000); DELETE FROM t WHERE id = 2`);
  await open(url, parse);
  expect((await fill(url, options())).standing).toMatchObject({ phase: 'done', changed: 998, parked: 1 });
  await query(url, `UPDATE t SET a = '7' WHERE id = 500`);
  await open(url, parse);
  expect((await fill(url, options())).standing).toMatchObject({
    parked: 0,
    left: 0,
    differ: 0,
    changed: 999,
  });
  expect(await codeOf(open(url, parse))).toBe('backfill-done');
});

it('more than that are the fault of the expression: it stops, and goes on from there', async () => {
  await query(url, `${orders}; UPDATE t SET a = 'x' WHERE id > 500`);
  expect(await codeOf(run(url, { ...parse, mostParked: 3 }))).toBe('too-many-parked');
  await query(url, `UPDATE t SET a = '1' WHERE id > 500`);
  expect((await fill(url, options())).standing).toMatchObject({ changed: 1000, parked: 0, left: 0 });
});

it('rows that come and change meanwhile: those that the condition still finds are taken in a further pass', async () => {
  await query(url, orders);
  await open(url, parse);
  const part = await fill(url, options({ rowsPerSecond: 300, forMs: 1_000 }));
  expect(part).toMatchObject({ over: false, standing: { phase: 'rows', pass: 1 } });
  // Before the place where it is, and after its end.
  await query(
    url,
    `UPDATE t SET n = NULL WHERE id <= 5; INSERT INTO t SELECT i, i FROM generate_series(2001, 2010) i`,
  );
  const { standing } = await fill(url, options());
  expect(standing).toMatchObject({ phase: 'done', pass: 2, left: 0, differ: 0, changed: 1015 });
  expect(await query(url, 'SELECT id FROM t WHERE n IS DISTINCT FROM a::int')).toEqual([]);
});

it('a trigger of the user that writes the same column is told, and found by the comparison', async () => {
  await query(
    url,
    `${orders};
     CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := 0; RETURN NEW; END $$;
     CREATE TRIGGER own BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION keep();
     CREATE PUBLICATION p FOR TABLE t`,
  );
  const { table } = await open(url, parse);
  expect(table.notes).toEqual([
    'trigger own (keep) writes the same column: its value stands, not that of the backfill',
    'each changed row goes to the subscribers of publication p',
  ]);
  expect((await fill(url, options())).standing).toMatchObject({ phase: 'done', left: 0, differ: 1000 });
});

it('a row that somebody holds keeps nobody waiting: the others are done, and it is done once it is let go', async () => {
  await query(url, orders);
  let standing: Awaited<ReturnType<typeof fill>>['standing'] | undefined;
  await open(url, { ...parse, lockTimeoutMs: 20 });
  await withClient(url, { applicationName: 'the application' }, async (other) => {
    await other.query('BEGIN');
    await other.query(`UPDATE t SET a = '5000' WHERE id = 500`);
    const filling = fill(url, options());
    const done = async () => (await query<{ n: string }>(url, 'SELECT count(n) AS n FROM t'))[0]?.n;
    await until(async () => (await done()) === '999', 30_000, 'all rows but one');
    await other.query('COMMIT');
    ({ standing } = await filling);
  });
  // Tried once more at the end, when it may have been held still: then it stays parked until somebody resumes.
  if (standing?.parked) {
    await open(url, { ...parse, lockTimeoutMs: 20 });
    ({ standing } = await fill(url, options()));
  }
  expect(standing).toMatchObject({ changed: 1000, parked: 0, left: 0, differ: 0 });
});

it('while something else changes the database, or it is forbidden, nothing is done', async () => {
  await query(url, orders);
  await open(url, parse);
  await withClient(url, { applicationName: 'lockkeeper:shop:migrate' }, async (other) => {
    expect(await tryAdvisoryLock(other)).toBe(true);
    expect(await fill(url, options({ forMs: 300 }))).toMatchObject({
      rows: 0,
      held: ['the database is being changed by lockkeeper:shop:migrate'],
    });
  });
  const closed = options({ forMs: 900, forbidden: () => Promise.resolve('the site is closed') });
  const { held, rows } = await fill(url, closed);
  expect([held, rows]).toEqual([['the site is closed'], 0]);
  expect(await query(url, 'SELECT changed FROM lockkeeper_backfill.runs')).toEqual([{ changed: '0' }]);
});

it.each([
  ['the application is slow', { p95: { query: 'SELECT 500', ms: 300 } }],
  ['it does not answer', { p95: { url: 'http://127.0.0.1:9/', ms: 300 } }],
  ['much is written', { walMiBPerSecond: 0.001 }],
])('%s: no row is changed before that was looked at', async (_, throttle) => {
  await query(url, orders);
  await open(url, { ...parse, throttle });
  const busy = new AbortController();
  const others = withClient(url, { applicationName: 'test', signal: busy.signal }, async (client) => {
    for (;;)
      await client.query(`SELECT pg_logical_emit_message(false, 'busy', repeat('x', 10000)), pg_sleep(0.05)`);
  }).catch(() => undefined);
  await sleep(200);
  expect(await fill(url, options({ forMs: 600 }))).toMatchObject({ rows: 0, over: false });
  busy.abort();
  await others;
});

it('an application that is not well holds it, and lets it go on when it is well again', async () => {
  await query(url, orders);
  let status = 200;
  const server = createServer((_, response) => response.writeHead(status).end('{}'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const health = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await open(url, { ...parse, throttle: { p95: { url: health, ms: 30_000 } } });
  const seen: { changed: number; held: readonly string[] }[] = [];
  const progress: FillOptions['progress'] = ({ changed }, held) => {
    seen.push({ changed, held });
    if (changed > 0 && status === 200 && !seen.some((each) => each.held.length)) status = 503;
    if (held.length) status = 200;
  };
  const { over, standing } = await fill(url, options({ rowsPerSecond: 200, progress }));
  server.close();
  expect({ over, ...standing }).toMatchObject({ over: true, changed: 1000, left: 0 });
  const held = seen.filter((each) => each.held.length);
  expect(held[0]?.held).toEqual([`the application's latency is not known: ${health} answered 503`]);
  expect(new Set(held.map(({ changed }) => changed)).size).toBe(1);
});

describe('what cannot be done is told before anything is', () => {
  it.each([
    ['backfill-table-gone', 'SELECT 1', {}],
    ['backfill-table-gone', 'SELECT 1', { table: 'a.b.c.d' }],
    ['backfill-no-key', 'CREATE TABLE t (id int, n int)', {}],
    ['backfill-no-key', 'CREATE TABLE t (id int UNIQUE, n int)', { key: ['id'] }],
    [
      'backfill-no-key',
      'CREATE TABLE t (id text NOT NULL, n int); CREATE UNIQUE INDEX ON t (id text_pattern_ops)',
      { key: ['id'] },
    ],
    ['backfill-no-key', 'CREATE TABLE t (id int, n int) PARTITION BY LIST (id)', {}],
    ['backfill-not-a-table', 'CREATE VIEW t AS SELECT 1 AS id, 2 AS n', {}],
    ['backfill-column', 'CREATE TABLE t (id int PRIMARY KEY)', {}],
    ['backfill-column', 'CREATE TABLE t (id int PRIMARY KEY, n int GENERATED ALWAYS AS (1) STORED)', {}],
    ['backfill-column', 'CREATE TABLE t (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY)', {}],
    ['backfill-column', 'CREATE TABLE t (id int, n int, PRIMARY KEY (id, n))', {}],
    ['backfill-expression', 'CREATE TABLE t (id int PRIMARY KEY, n int)', { set: { n: 'm + 1' } }],
    ['backfill-expression', 'CREATE TABLE t (id int PRIMARY KEY, n int)', { where: 'n = ' }],
    [
      'backfill-expression',
      'CREATE TABLE t (id int PRIMARY KEY, n int)',
      { set: { n: '1); DROP TABLE t; --' } },
    ],
  ])('%s: %s %j', async (code, sql, more) => {
    await query(url, sql);
    expect(await codeOf(run(url, { ...add, ...more }))).toBe(code);
  });

  it('other settings under the same name, and none of that name', async () => {
    await query(url, orders);
    expect(await codeOf(fill(url, options()))).toBe('no-backfill');
    await open(url, parse);
    expect(await codeOf(open(url, { ...parse, set: { n: '2' } }))).toBe('backfill-other');
    await open(url, { ...parse, mostParked: 5 });
  });
});

it('the table is dropped meanwhile: it stops with that, and goes on when it is back', async () => {
  await query(url, orders);
  await open(url, parse);
  const filling = codeOf(fill(url, options({ rowsPerSecond: 200 })));
  await sleep(500);
  await query(url, 'ALTER TABLE t RENAME TO away');
  expect(await filling).toBe('backfill-table-gone');
  expect(await codeOf(fill(url, options()))).toBe('backfill-table-gone');
  await query(url, 'ALTER TABLE away RENAME TO t');
  expect((await fill(url, options())).standing).toMatchObject({ changed: 1000, left: 0, differ: 0 });
});

it('a disk that is full, or nearly so, stops nothing: it waits, says so, and goes on', async () => {
  await query(url, orders);
  // More than any disk has; then what PostgreSQL says of one that is full, by the limit for files of a sort.
  await open(url, { ...parse, throttle: { freeDisk: { path: '/', GiB: 1e9 } } });
  const nearly = await fill(url, options({ forMs: 1_200 }));
  expect([nearly.over, nearly.held]).toEqual([false, [expect.stringMatching(/ free on \/, limit /)]]);
  const sorts = `(SELECT count(*) FROM (SELECT i FROM generate_series(1, 60000 + t.id * 0) i ORDER BY md5(i::text)) s)`;
  const { name } = database;
  await query(
    url,
    `ALTER DATABASE ${name} SET temp_file_limit = 1024; ALTER DATABASE ${name} SET work_mem = 64`,
  );
  const full = { ...parse, set: { n: `a::int + 0 * ${sorts}` }, batch: { ...small, first: 2, most: 2 } };
  await query(url, 'DELETE FROM t WHERE id > 4; UPDATE t SET n = NULL');
  await open(url, full, { again: true });
  const waited = await fill(url, options({ forMs: 3_000 }));
  expect([waited.over, waited.held, waited.standing.parked]).toEqual([
    false,
    [expect.stringMatching(/temporary file size exceeds "temp_file_limit"/)],
    0,
  ]);
  await query(url, `ALTER DATABASE ${name} RESET temp_file_limit`);
  expect((await fill(url, options())).standing).toMatchObject({ parked: 0, left: 0, differ: 0 });
});

it('a published table whose updates no subscriber could follow: PostgreSQL says so, nothing is changed', async () => {
  await query(
    url,
    `CREATE TABLE t (id int NOT NULL UNIQUE, n int DEFAULT 0); INSERT INTO t SELECT generate_series(1, 50);
     CREATE PUBLICATION p FOR TABLE t`,
  );
  const settings = { ...add, key: ['id'] };
  const told = await run(url, settings).catch((error: Error & { code: string }) => error);
  expect(told).toMatchObject({
    code: 'backfill-refused',
    message: expect.stringMatching(/replica identity/),
  });
  await query(url, 'ALTER TABLE t REPLICA IDENTITY FULL');
  await open(url, settings);
  expect((await fill(url, options())).standing).toMatchObject({ phase: 'done', changed: 50 });
});

it('what it keeps is no part of the schema', async () => {
  await query(url, orders);
  const taken = () => withClient(url, { applicationName: 'test' }, (client) => fingerprint(client));
  const before = await taken();
  await run(url, parse);
  expect((await taken()).lines).toEqual(before.lines);
});
