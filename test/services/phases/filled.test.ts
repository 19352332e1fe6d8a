import { withClient } from '../../../src/adapters/postgres/client.js';
import { written, type Written } from '../../../src/phases/filled.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const query = (sql: string) =>
  withClient(database.url, { applicationName: 'test' }, async (client) => {
    const { rows } = (await client.query(sql)) as { rows?: unknown[] };
    return rows?.[0];
  });

const ROWS = 3_500;
const FILL = { set: 'was = coalesce(now, 0)', where: 'was IS DISTINCT FROM now' };

it.each<[string, Written, string]>([
  ['a number', { table: 't', key: ['id'], ...FILL }, 'id bigint PRIMARY KEY'],
  ['a uuid', { table: 't', key: ['id'], ...FILL }, 'id uuid PRIMARY KEY DEFAULT gen_random_uuid()'],
  [
    'two columns, in a table that is called as the variable',
    { table: 'batch', key: ['a', '"upto"'], ...FILL },
    'a int, "upto" text, batch int, PRIMARY KEY (a, "upto")',
  ],
  [
    'the rows under another name',
    {
      ...{ table: 't', as: 'moved', key: ['id'], set: 'was = moved.now' },
      where: 'moved.was IS DISTINCT FROM (SELECT kept.now FROM t AS kept WHERE kept.id = moved.id)',
    },
    'id int PRIMARY KEY',
  ],
])('writes all rows in transactions of a thousand: %s', async (_, what, columns) => {
  const { table } = what;
  const row = columns.includes('uuid') ? '' : columns.startsWith('a int') ? 'g % 7, g::text, 1, ' : 'g, ';
  const names = row === '' ? '(now)' : '';
  await query(`CREATE TABLE ${table} (${columns}, now int, was int);
    INSERT INTO ${table} ${names} SELECT ${row}g FROM generate_series(1, ${ROWS}) g`);
  const [batches, rest] = written(what);
  await query(batches!.sql);
  expect(await query(`SELECT count(*)::int AS left FROM ${table} WHERE was IS NULL`)).toEqual({ left: 500 });
  await query(rest!.sql);
  const seen = await query(`SELECT count(*) FILTER (WHERE was IS DISTINCT FROM now)::int AS wrong,
    count(DISTINCT xmin::text)::int AS transactions FROM ${table}`);
  expect(seen).toEqual({ wrong: 0, transactions: 4 });
});

it('waits for nobody, and leaves what others have to the last statement', async () => {
  await query(`CREATE TABLE t (id int PRIMARY KEY, now int, was int);
    INSERT INTO t SELECT g, g FROM generate_series(1, ${ROWS}) g`);
  const [batches, rest] = written({ table: 't', key: ['id'], ...FILL });
  await withClient(database.url, { applicationName: 'a writer' }, async (writer) => {
    await writer.query('BEGIN; UPDATE t SET now = -1 WHERE id = 5');
    await query(batches!.sql);
    await writer.query('COMMIT');
  });
  const left = await query('SELECT count(*)::int AS left, min(now)::int AS least FROM t WHERE was IS NULL');
  expect(left).toEqual({ left: 501, least: -1 });
  await query(rest!.sql);
  expect(await query('SELECT count(*)::int AS wrong FROM t WHERE was IS DISTINCT FROM now')).toEqual({
    wrong: 0,
  });
});

it('writes all rows at once where there is no key', () =>
  expect(written({ table: 't', key: [], ...FILL })).toEqual([
    {
      why: 'all rows at once: there is no key to walk by',
      sql: 'UPDATE t SET was = coalesce(now, 0) WHERE was IS DISTINCT FROM now',
    },
  ]));
