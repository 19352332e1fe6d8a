import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fill } from '../../../src/activities/backfill/fill.js';
import { parkedRows } from '../../../src/adapters/backfill/parked.js';
import { withClient } from '../../../src/adapters/postgres/client.js';
import { until } from '../../support/project.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { functions } from './project.js';
import { ID, open, options, query, run, type Settings } from './support.js';

jest.setTimeout(120_000);

/** Values that a function of the user gives: real Python, real PostgreSQL. */
let [database, project] = [{} as TestDatabase, {} as Awaited<ReturnType<typeof functions>>];
let url: string;
beforeAll(async () => void (project = await functions()));
afterAll(() => project.remove());
beforeEach(async () => {
  database = await freshDatabase();
  ({ url } = database);
});
afterEach(() => database.drop());

const orders = `CREATE TABLE t (id int PRIMARY KEY, a text, n int);
  INSERT INTO t SELECT i, i::text FROM generate_series(1, 200) i`;
const by = (name: string, more: Settings = {}): Settings => ({
  ...{ table: 't', python: { function: `fills:${name}`, reads: ['a', 'n'], writes: ['n'] } },
  ...{ batch: { targetMs: 50, first: 40, least: 1, most: 200 } },
  ...more,
});
const filled = async (settings: Settings) => (await run(url, settings, { project })).standing;
const parked = () => withClient(url, { applicationName: 'test' }, (client) => parkedRows(client, ID, 10));
const problem = (act: Promise<unknown>): Promise<string[]> =>
  act.then(
    () => ['no problem'],
    (error: Error & { code: string }) => [error.code, error.message],
  );

it('a function gives the values, whatever it prints; None leaves a row; it may be asynchronous', async () => {
  await query(url, orders);
  const all = by('cents', { where: 'n IS NULL', verify: 'n = a::int' });
  expect(await filled(all)).toMatchObject({ phase: 'done', changed: 200, left: 0, differ: 0 });
  await query(url, 'UPDATE t SET n = NULL');
  await open(url, by('some'), { again: true });
  expect((await fill(url, options({ project }))).standing).toMatchObject({ changed: 180, scanned: 200 });
  expect(await query(url, 'SELECT count(*)::int AS n FROM t WHERE n IS NULL')).toEqual([{ n: 20 }]);
});

const KINDS = `i int8, r float8, d numeric, t text, y bool, b bytea, w timestamptz, l timestamp, e date, c time, u uuid,
  j json, k jsonb, a int[], x text[], m mood, v interval`;

it('what it is given are values of Python, and each comes back as it was', async () => {
  const twice = KINDS.replaceAll(/(\w) (?=\w+(\[\])?(,|$))/gm, '$12 ');
  await query(
    url,
    `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN price AS numeric(12, 4);
     CREATE TABLE t (id numeric, part text, ${KINDS}, ${twice}, PRIMARY KEY (part, id));
     ALTER TABLE t ALTER d TYPE price;
     INSERT INTO t VALUES (1, 'x', 9007199254740993, 0.1, 12345678.9012, 'é "\\'' 😀', true, '\\x00ff5c', '2026-03-04 05:06:07.123456+02',
       '1999-12-31 23:59:59.9', '2026-02-28', '05:06:07.000001', gen_random_uuid(), '{"a": [1, 2.5, null]}',
       '{"deep": {"é": "\\u20ac"}}', '{1,NULL,3}', '{"a,b","c\\"d",NULL,""}', 'ok', '1 mon 2 days 03:04:05.5');
     INSERT INTO t VALUES (2, 'x');
     INSERT INTO t VALUES (3, 'y', -1, 'Infinity', 'NaN', '', false, '', '0001-01-01 00:00:00+00', '9999-12-31', '0001-01-01', '00:00',
       '00000000-0000-0000-0000-000000000000', '7', '{}', '{}', '{}', 'sad', '-00:00:00.000001');
     INSERT INTO t VALUES (4, 'y', 1, 'NaN', 0, E'\\n', true, '\\x', 'infinity', '-infinity', '4713-01-01 BC', '24:00', NULL, '"text"', '{"a": 1}',
       '{{1,2},{3,NULL}}', '{{a},{NULL}}', 'ok', '0')`,
  );
  const names = KINDS.split(',').map((each) => each.trim().split(' ')[0]!);
  const python = { function: 'fills:same', reads: names, writes: names.map((name) => `${name}2`) };
  expect(await filled(by('same', { python }))).toMatchObject({ changed: 4, parked: 0 });
  const differing = names
    .map(
      (name) => `SELECT '${name}' AS name, id::text, ${name}::text AS was, ${name}2::text AS is FROM t
      WHERE ${name}::text IS DISTINCT FROM ${name}2::text AND NOT ('${name}' = 'j' AND j::jsonb = j2::jsonb)`,
    )
    .join(' UNION ALL ');
  expect(await query(url, differing)).toEqual([]);
  const own = ['d2', 'w2', 'v2', 'k2', 'x2', 'b2'];
  await open(url, by('own', { python: { function: 'fills:of_python', writes: own } }), { again: true });
  await fill(url, options({ project }));
  expect(
    await query(
      url,
      `SELECT DISTINCT d2::text, w2 AT TIME ZONE 'UTC' = '2026-01-02 03:04:05.000006' AS w, v2::text,
      k2::text, x2::text, b2::text FROM t`,
    ),
  ).toEqual([
    {
      ...{
        d2: '1.10',
        w: true,
        v2: '1 day 00:00:02',
        b2: '\\x00ff',
        x2: `{"a,b","c\\"d","e\\\\f","","NULL",NULL}`,
      },
      k2: `{"d": 7, "l": [1, null, "quote \\" and \\\\ back"], "u": "00000000-0000-0000-0000-000000000001"}`,
    },
  ]);
});

it('a row that it raises for, or that PostgreSQL does not take, is parked with its error; mended, it is done', async () => {
  await query(
    url,
    `${orders}; UPDATE t SET a = 'x' WHERE id = 77; UPDATE t SET a = '99999999999' WHERE id = 78`,
  );
  expect(await filled(by('cents', { where: 'n IS NULL' }))).toMatchObject({ changed: 198, parked: 2 });
  expect(await parked()).toEqual([
    {
      key: ['77'],
      code: 'python',
      error: expect.stringMatching(/^ValueError: invalid literal.*\(fills\.py:\d+\)$/),
    },
    { key: ['78'], code: '22003', error: expect.stringMatching(/out of range for type integer/) },
  ]);
  await query(url, `UPDATE t SET a = '5' WHERE id IN (77, 78)`);
  await open(url, by('cents', { where: 'n IS NULL' }));
  expect((await fill(url, options({ project }))).standing).toMatchObject({
    changed: 200,
    parked: 0,
    left: 0,
  });
});

it.each([
  ['exits', 3, /^SystemExit: this row is not for me/, 'python'],
  ['dies', 7, /SIGKILL/, 'python-died'],
])('a function that %s does so for its own row alone', async (name, id, error, code) => {
  await query(url, orders.replace('200', '40'));
  expect(await filled(by(name, { where: 'n IS NULL' }))).toMatchObject({ changed: 39, parked: 1 });
  expect(await parked()).toEqual([{ key: [String(id)], code, error: expect.stringMatching(error) }]);
});

it.each([
  ['none', 'it gave back a NoneType, not a list'],
  ['short', 'it was given 40 rows and gave back 39: one for each is wanted, None for one that stays'],
  ['strange', 'for the row (1) it gave back the columns m, n; wanted are n'],
  ['lacking', 'for the row (1) it gave back the columns none; wanted are n'],
  ['objects', 'for the row (1) it gave back a value of the type object'],
])('what it may not give back: %s', async (name, why) => {
  await query(url, orders);
  const [code, message] = await problem(filled(by(name)));
  expect([code, message]).toEqual(['backfill-function', expect.stringContaining(why)]);
  expect(await query(url, 'SELECT count(n)::int AS n FROM t')).toEqual([{ n: 0 }]);
});

it('what the application writes meanwhile waits for the batch, and is not lost', async () => {
  await query(url, `${orders.replace('200', '20')}; UPDATE t SET n = 1`);
  await open(url, by('slowly'));
  const filling = fill(url, options({ project }));
  await until(() => existsSync(join(project.cwd, 'seen')), 30_000, 'a call');
  const writing = query(url, 'UPDATE t SET n = n + 100 WHERE id = 5');
  await writeFile(join(project.cwd, 'go'), '');
  await Promise.all([filling, writing]);
  expect(await query(url, 'SELECT n, count(*)::int FROM t GROUP BY n ORDER BY n')).toEqual([
    { n: 2, count: 19 },
    { n: 102, count: 1 },
  ]);
});
