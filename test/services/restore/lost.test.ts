import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyLost, type ApplyOptions } from '../../../src/adapters/lost/apply.js';
import { type DifferenceOptions, differences } from '../../../src/adapters/lost/differences.js';
import { readLost } from '../../../src/adapters/lost/folder.js';
import { connectionOf, libpqEnvironment } from '../../../src/adapters/postgres/connection.js';
import { shell } from '../../../src/adapters/shell.js';
import { sample, seed, whole } from '../../support/kills-sample.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { binFolder, inside, oneValue, run } from '../backup/support.js';
import { schema, tables, writes } from './lost-schema.js';
import { problem } from './support.js';

let path: string;
let live: TestDatabase;
let copy: TestDatabase | undefined;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'lk-lost-')), 'rows');
  live = await freshDatabase();
});
afterEach(async () => {
  await live.drop();
  await copy?.drop();
  copy = undefined;
  await rm(join(path, '..'), { recursive: true, force: true });
});

const signal = new AbortController().signal;
const quiet = { signal, onProgress: () => {} };
const compared = (changes: Partial<DifferenceOptions> = {}) =>
  inside(live.url, (a) =>
    inside(copy!.url, (b) =>
      differences(a, b, {
        ...{ path, id: 'rows', target: 'shop', comparedWith: 'the backup', mostBytes: 2 ** 40 },
        ...quiet,
        ...changes,
      }),
    ),
  );
const apply = async (url: string, changes: Partial<ApplyOptions> = {}) => {
  const index = await readLost(path);
  const options = { path, index, dryRun: false, leaveConflicts: false, ...quiet, ...changes };
  return inside(url, (client) => applyLost(client, options));
};
const counts = async (changes: Partial<DifferenceOptions> = {}) => {
  const { index } = await compared(changes);
  return Object.fromEntries(
    index.tables
      .filter((table) => table.inserted + table.changed + table.deleted > 0 || table.unsure)
      .map(({ name, inserted, changed, deleted }) => [name, `${inserted} ${changed} ${deleted}`]),
  );
};
/** Independent of what is tested: all that a table shows, generated columns too. */
const contents = async (url: string) => {
  const all: Record<string, unknown> = {};
  for (const table of tables)
    all[table] = await oneValue(
      url,
      `SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text COLLATE "C"), '')) FROM ${table} t`,
    );
  return all;
};
const setUp = async (first: string) => {
  await run(live.url, first);
  copy = await freshDatabase(live.name);
};

describe('rows that are written into files and applied to the other database make it equal', () => {
  it.each(
    sample(
      Array.from({ length: 60 }, (_, i) => i),
      2,
    ),
  )(
    'writes of seed + %i',
    async (i) => {
      await run(live.url, schema);
      await run(live.url, writes(seed + i, 60).join(';\n'));
      copy = await freshDatabase(live.name);
      await run(live.url, writes(seed + i + 1_000, 40).join(';\n'));
      const wanted = await contents(live.url);
      await compared();
      const applied = await apply(copy.url);
      expect(applied).toMatchObject({ conflicting: 0, left: [] });
      expect(await contents(copy.url)).toEqual(wanted);
      expect(await counts()).toEqual({});
      // Twice is once.
      expect(await apply(copy.url)).toMatchObject({ rows: 0, conflicting: 0 });
    },
    whole ? 120_000 : 30_000,
  );
});

it('counts inserted, changed and deleted rows of each table exactly, in large ones, too', async () => {
  await setUp(`CREATE TABLE big (id int PRIMARY KEY, v text); INSERT INTO big SELECT g, md5(g::text) FROM generate_series(1, 60000) g;
    CREATE TABLE heap (v int); INSERT INTO heap SELECT g % 100 FROM generate_series(1, 20000) g; ANALYZE`);
  await run(
    live.url,
    `UPDATE big SET v = 'x' WHERE id % 10000 = 5; DELETE FROM big WHERE id % 20000 = 7; UPDATE big SET v = v WHERE id < 50;
     INSERT INTO big SELECT g, 'new' FROM generate_series(70001, 70700) g;
     DELETE FROM heap WHERE ctid IN (SELECT ctid FROM heap WHERE v = 5 LIMIT 3); INSERT INTO heap VALUES (5000), (5000)`,
  );
  expect(await counts()).toEqual({ 'public.big': '700 6 3', 'public.heap': '2 0 3' });
  expect(await apply(copy!.url)).toMatchObject({ rows: 714, tables: 2 });
  expect(await counts()).toEqual({});
}, 30_000);

it('a row that somebody wrote since is a conflict, named; nothing or all others are put in', async () => {
  await setUp(`CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'old' FROM generate_series(1, 9) g;
    CREATE TABLE heap (v int); INSERT INTO heap VALUES (1), (1)`);
  await run(
    live.url,
    `UPDATE t SET v = 'mine' WHERE id < 3; DELETE FROM t WHERE id = 9; INSERT INTO t VALUES (10, 'n'); INSERT INTO heap VALUES (1)`,
  );
  await compared();
  await run(
    copy!.url,
    `UPDATE t SET v = 'other' WHERE id = 2; INSERT INTO t VALUES (10, 'their'); UPDATE t SET v = 'touched' WHERE id = 9; DELETE FROM heap WHERE true`,
  );
  const dry = await apply(copy!.url, { dryRun: true });
  expect(dry.conflicts.toSorted()).toEqual([
    expect.stringMatching(/^public\.heap row [0-9a-f]{8}: add$/) as unknown,
    'public.t (id = 10): insert',
    'public.t (id = 2): change',
    'public.t (id = 9): delete',
  ]);
  expect(dry).toMatchObject({ conflicting: 4, rows: 1 });
  const refused = await problem(apply(copy!.url));
  expect(refused.code).toBe('lost-conflicts');
  expect(refused.message).toContain('(id = 2): change');
  expect(await oneValue(copy!.url, 'SELECT v FROM t WHERE id = 1')).toBe('old');
  expect(await apply(copy!.url, { leaveConflicts: true })).toMatchObject({ rows: 1, conflicting: 4 });
  expect(await oneValue(copy!.url, `SELECT string_agg(v, ',' ORDER BY id) FROM t`)).toBe(
    'mine,other,old,old,old,old,old,old,touched,their',
  );
});

it('keys that are equal and written in another way are one row, changed', async () => {
  await setUp(`CREATE EXTENSION citext; CREATE DOMAIN cash AS numeric;
    CREATE TABLE prices (id numeric PRIMARY KEY, v text); INSERT INTO prices VALUES (1.0, 'a'), (2.50, 'b'), (3, 'c'), (10, 'd');
    CREATE TABLE people (name citext PRIMARY KEY, v int); INSERT INTO people VALUES ('Bob', 1), ('ann', 2);
    CREATE TABLE uses (name citext REFERENCES people); INSERT INTO uses VALUES ('bob');
    CREATE TABLE two (a cash, b float8, c bpchar, v int, PRIMARY KEY (a, b, c)); INSERT INTO two VALUES (1.10, '-0', 'x  ', 1);
    CREATE TABLE spans (span interval PRIMARY KEY, v int); INSERT INTO spans VALUES ('1 day', 1), ('2 days', 2)`);
  await run(
    live.url,
    `UPDATE prices SET id = 1.00 WHERE id = 1; UPDATE prices SET id = 2.5, v = 'B' WHERE id = 2.5; DELETE FROM prices WHERE id = 3;
     INSERT INTO prices VALUES (30, 'e'); UPDATE people SET name = 'BOB' WHERE name = 'bob';
     UPDATE two SET a = 1.1, b = 0, c = 'x'; UPDATE spans SET span = '24:00:00' WHERE span = '1 day'`,
  );
  expect(await counts()).toEqual({
    ...{ 'public.prices': '1 2 1', 'public.people': '0 1 0', 'public.two': '0 1 0', 'public.spans': '0 1 0' },
  });
  expect(await apply(copy!.url)).toMatchObject({ rows: 7, conflicting: 0 });
  expect(await counts()).toEqual({});
  expect(await oneValue(copy!.url, `SELECT string_agg(id::text, ',' ORDER BY id) FROM prices`)).toBe(
    '1.00,2.5,10,30',
  );
  expect(await apply(copy!.url)).toMatchObject({ rows: 0, conflicting: 0 });
}, 30_000);

it('foreign keys in circles, and triggers that would write a second time, are no obstacle; both are as before', async () => {
  await setUp(`CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
    ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b; CREATE TABLE seen (n int);
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO seen VALUES (1); RETURN new; END$$;
    CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE a ENABLE ALWAYS TRIGGER t`);
  await run(live.url, `INSERT INTO a VALUES (1, NULL); INSERT INTO b VALUES (1, 1); UPDATE a SET b = 1`);
  const about = `SELECT string_agg(format('%s %s', tgname, tgenabled), ',' ORDER BY tgname)
    || (SELECT string_agg(conname || condeferrable, ',' ORDER BY conname) FROM pg_constraint WHERE contype = 'f') FROM pg_trigger WHERE NOT tgisinternal`;
  const before = await oneValue(copy!.url, about);
  await compared();
  await apply(copy!.url);
  expect(await oneValue(copy!.url, 'SELECT count(*)::int FROM seen')).toBe(1);
  expect(await oneValue(copy!.url, about)).toBe(before);
  // A parent that is not there any more: told in the database's words, and nothing is left.
  await run(copy!.url, 'DELETE FROM seen; UPDATE a SET b = NULL; DELETE FROM b; DELETE FROM a');
  const index = await readLost(path);
  const only = { ...index, tables: index.tables.filter(({ name }) => name === 'public.b') };
  const refused = await problem(apply(copy!.url, { index: only }));
  expect(refused.code).toBe('lost-refused');
  expect(refused.message).toContain('is not present in table "a"');
  expect(await oneValue(copy!.url, 'SELECT count(*)::int FROM b')).toBe(0);
});

it('columns and tables that only the live one has are told, and their values are in the files', async () => {
  await setUp(`CREATE TABLE t (id int PRIMARY KEY, v int DEFAULT 1); INSERT INTO t VALUES (1), (2), (3)`);
  await run(
    live.url,
    `ALTER TABLE t ADD note text, ADD flag bool NOT NULL DEFAULT false; UPDATE t SET note = 'hello' WHERE id = 2;
    CREATE TABLE later (id int PRIMARY KEY); INSERT INTO later VALUES (7)`,
  );
  await run(copy!.url, 'CREATE TABLE gone (id int)');
  const { index } = await compared();
  expect(index.tables.map(({ name, where, inserted, changed }) => [name, where, inserted, changed])).toEqual([
    ['public.gone', 'only backup', 0, 0],
    ['public.later', 'only live', 1, 0],
    ['public.t', 'both', 0, 1],
  ]);
  const file = index.tables.find(({ name }) => name === 'public.t')!.upserts!.file;
  expect(await readFile(join(path, file), 'utf8')).toContain('"also":{"note":"hello"');
  expect((await apply(copy!.url)).left).toEqual([expect.stringContaining('public.later: 2-') as unknown]);
});

it('a table that is too large is bounded, and said so; files are private, and hashed', async () => {
  await setUp(`CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY); CREATE SEQUENCE s`);
  await run(
    live.url,
    `INSERT INTO t SELECT generate_series(1, 5000); INSERT INTO u VALUES (1); SELECT setval('s', 41)`,
  );
  const { index } = await compared({ mostBytes: 100_000, bound: () => 'at most 5000 rows' });
  expect(index.tables.find(({ name }) => name === 'public.t')!.unsure).toMatch(
    /KiB it was not compared row by row; at most 5000 rows/,
  );
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  for (const file of await readdir(path)) expect((await stat(join(path, file))).mode & 0o777).toBe(0o600);
  await apply(copy!.url);
  expect(await oneValue(copy!.url, `SELECT last_value::int FROM s`)).toBe(41);
  const file = join(path, index.tables.find(({ name }) => name === 'public.u')!.upserts!.file);
  await writeFile(file, (await readFile(file, 'utf8')).replace("'1'", "'2'"));
  expect((await problem(readLost(path))).code).toBe('lost-damaged');
});

it('the same files are applied by psql alone', async () => {
  await run(live.url, schema);
  await run(live.url, writes(7, 60).join(';\n'));
  copy = await freshDatabase(live.name);
  await run(
    live.url,
    `INSERT INTO log VALUES (1, E'a\\nb', '\\x00'), (1, E'a\\nb', '\\x00'); DELETE FROM things; INSERT INTO events VALUES (99, '2026-02-03', 'x')`,
  );
  const wanted = await contents(live.url);
  await compared();
  await shell({
    file: join(await binFolder(), 'psql'),
    args: ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', join(path, 'apply.sql')],
    env: libpqEnvironment(connectionOf(copy.url), 'test'),
  });
  expect(await contents(copy.url)).toEqual(wanted);
});
