import { lockHolder, tryAdvisoryLock, unlock } from '../../../src/adapters/postgres/advisory-lock.js';
import { type Client, withClient } from '../../../src/adapters/postgres/client.js';
import { readOnly } from '../../../src/adapters/postgres/query.js';
import { endSessions, sessionsNamed } from '../../../src/adapters/postgres/sessions.js';
import { misfitsIn } from '../../../src/adapters/postgres/misfits.js';
import { rowsIn } from '../../../src/adapters/postgres/written.js';
import { freshDatabase } from '../../support/servers.js';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const as = <T>(applicationName: string, work: (client: Client) => Promise<T>): Promise<T> =>
  withClient(database.url, { applicationName }, work);

describe('a query that the user wrote', () => {
  const read = (sql: string, maxRows = 10, timeoutMs = 5_000) =>
    readOnly(database.url, sql, { maxRows, timeoutMs });

  it('gives columns and rows as text, at most as many as wanted', async () => {
    expect(
      await read(
        `SELECT n, n > 1 AS more, NULL AS none, date '2026-01-02' AS day FROM generate_series(1, 2) n; -- all`,
      ),
    ).toEqual({
      columns: ['n', 'more', 'none', 'day'],
      rows: [
        ['1', 'f', null, '2026-01-02'],
        ['2', 't', null, '2026-01-02'],
      ],
      more: false,
    });
    expect(await read('SELECT * FROM generate_series(1, 1000)', 3)).toMatchObject({
      rows: [['1'], ['2'], ['3']],
      more: true,
    });
    expect(await read('SELECT 1 AS one WHERE false')).toEqual({ columns: ['one'], rows: [], more: false });
  });

  it.each([
    ['a write', `SELECT nextval('s')`, 'query-writes'],
    ['a write in a WITH', 'WITH d AS (DELETE FROM t RETURNING 1) SELECT * FROM d', 'query-failed'],
    ['another statement after it', 'SELECT 1; COMMIT; DROP TABLE t', 'query-failed'],
    ['no query at all', 'DROP TABLE t', 'query-failed'],
    ['a mistake', 'SELECT * FROM nowhere', 'query-failed'],
  ])('%s is refused in words, and changes nothing', async (_what, sql, code) => {
    await as('test', (client) =>
      client.query('CREATE TABLE IF NOT EXISTS t (x int); CREATE SEQUENCE IF NOT EXISTS s'),
    );
    await expect(read(sql)).rejects.toMatchObject({ code, told: { retry: false } });
    expect((await read(`SELECT to_regclass('t') IS NOT NULL, last_value FROM s`)).rows).toEqual([['t', '1']]);
  });

  it('is ended when it takes too long', async () => {
    await expect(read('SELECT pg_sleep(30)', 1, 200)).rejects.toMatchObject({ code: 'query-too-slow' });
  });
});

describe('sessions', () => {
  it('are found by the beginning of their name, and ended', async () => {
    const orphans = [1, 2].map((n) =>
      as(`orphan:${n}`, (client) => client.query('SELECT pg_sleep(60)')).catch(() => n),
    );
    const other = as('somebody else', async (client) => (await client.query('SELECT pg_sleep(1)')).rowCount);
    await as('orphan:me', async (client) => {
      while ((await sessionsNamed(client, 'orphan:')).filter(({ query }) => /sleep/.test(query)).length < 2);
      const [first] = await sessionsNamed(client, 'orphan:1');
      expect(first).toMatchObject({
        applicationName: 'orphan:1',
        state: 'active',
        query: 'SELECT pg_sleep(60)',
      });
      expect(await endSessions(client, 'orphan:', { waitMs: 5_000 })).toEqual([]);
    });
    expect(await Promise.all(orphans)).toEqual([1, 2]);
    expect(await other).toBe(1);
  });

  it('are never ended without a name', async () => {
    await expect(as('test', (client) => endSessions(client, '', { waitMs: 0 }))).rejects.toThrow('prefix');
  });
});

describe('the lock of whoever changes the database', () => {
  it('is had by one session only, which is named, and free again when it ends', async () => {
    await as('lockkeeper:shop:run-7', async (holder) => {
      expect(await lockHolder(holder)).toBeUndefined();
      expect(await tryAdvisoryLock(holder)).toBe(true);
      await as('second', async (client) => {
        expect(await tryAdvisoryLock(client, { waitMs: 250 })).toBe(false);
        expect(await lockHolder(client)).toMatchObject({ applicationName: 'lockkeeper:shop:run-7' });
        expect(await unlock(client)).toBe(false);
      });
      expect(await unlock(holder)).toBe(true);
      expect(await tryAdvisoryLock(holder)).toBe(true);
    });
    expect(await as('third', (client) => tryAdvisoryLock(client, { waitMs: 2_000 }))).toBe(true);
  });

  it('is another one in each database', async () => {
    const other = await freshDatabase();
    await as('test', async (client) => {
      await tryAdvisoryLock(client);
      await withClient(other.url, { applicationName: 'test' }, async (elsewhere) => {
        expect(await lockHolder(elsewhere)).toBeUndefined();
        expect(await tryAdvisoryLock(elsewhere)).toBe(true);
      });
    });
    await other.drop();
  });
});

describe('what was written into added tables and columns', () => {
  const found = (columns: string[], tables: string[] = [], limit?: number) =>
    as('test', (client) =>
      rowsIn(client, { tables, columns: columns.map((column) => ({ table: 'orders', column })) }, limit),
    );

  beforeAll(() =>
    as('test', (client) =>
      client.query(`
        CREATE TABLE orders (id int, twice int GENERATED ALWAYS AS (id * 2) STORED); INSERT INTO orders SELECT generate_series(1, 5);
        CREATE TABLE "Empty" (); CREATE TABLE logs AS SELECT generate_series(1, 30) AS n;
        ALTER TABLE orders ADD note text, ADD state text NOT NULL DEFAULT 'new', ADD price numeric(10,2) DEFAULT 0,
          ADD tags text[] DEFAULT '{a,b}', ADD doc json,
          ADD at timestamptz DEFAULT now(), ADD was varchar(10) DEFAULT 'x (y)';
        ALTER TABLE orders ALTER was DROP DEFAULT;
        CREATE TABLE numbered (id int); INSERT INTO numbered VALUES (1), (2);
        ALTER TABLE numbered ADD seq serial, ADD state text DEFAULT 'new'`),
    ),
  );

  it('is nothing as long as columns hold what they were added with', async () => {
    expect(
      await found(['note', 'state', 'price', 'tags', 'doc', 'twice', 'was', 'gone'], ['"Empty"', 'nowhere']),
    ).toEqual([]);
  });

  it('is counted by rows, up to a limit', async () => {
    await as('test', (client) =>
      client.query(`UPDATE orders SET note = 'mine', doc = '{}' WHERE id = 1;
        UPDATE orders SET state = 'paid', price = 1, was = NULL WHERE id <= 2;
        UPDATE orders SET tags = '{}', was = 'z' WHERE id = 3;
        INSERT INTO orders (id) VALUES (6)`),
    );
    expect(await found(['note', 'state', 'price', 'tags', 'doc', 'twice', 'was'], ['logs'], 20)).toEqual([
      { what: 'logs', rows: 20, more: true },
      { what: 'orders.note', rows: 1, more: false },
      { what: 'orders.state', rows: 2, more: false },
      { what: 'orders.price', rows: 2, more: false },
      { what: 'orders.tags', rows: 1, more: false },
      { what: 'orders.doc', rows: 1, more: false },
      { what: 'orders.was', rows: 1, more: false },
    ]);
  });

  it('counts as written what a default computed anew for each row, and moves no sequence', async () => {
    const last = () =>
      readOnly(database.url, 'SELECT last_value FROM numbered_seq_seq', { maxRows: 1, timeoutMs: 999 });
    const before = await last();
    const columns = ['seq', 'state'].map((column) => ({ table: 'numbered', column }));
    expect(await as('test', (client) => rowsIn(client, { tables: [], columns }))).toEqual([
      { what: 'numbered.seq', rows: 2, more: false },
    ]);
    await as('test', (client) =>
      client.query(`ALTER TABLE numbered ADD "Mixed" int; UPDATE numbered SET "Mixed" = 1`),
    );
    const mixed = [{ table: 'numbered', column: 'Mixed' }];
    expect(await as('test', (client) => rowsIn(client, { tables: [], columns: mixed }))).toEqual([
      { what: 'numbered.Mixed', rows: 2, more: false },
    ]);
    // The one row that came later.
    expect(await found(['at'])).toEqual([{ what: 'orders.at', rows: 1, more: false }]);
    expect(await last()).toEqual(before);
  });
});

describe('values that do not fit another type', () => {
  const misfits = (column: string, name: string, sizes: number[] = [], limit?: number) =>
    as('test', (client) => misfitsIn(client, { table: 'fitting', column, to: { name, sizes } }, limit));
  const some = (...keys: string[]) => ({ rows: keys.length, more: false, keys });

  beforeAll(() =>
    as('test', (client) =>
      client.query(`
        CREATE TABLE fitting (id int PRIMARY KEY, n bigint, d numeric, t text, "Long" varchar(50), u uuid, f float8,
          at timestamp, tz timestamptz, a bigint[]);
        INSERT INTO fitting VALUES
          (1, 2147483647, 1, 'abc', 'abc', gen_random_uuid(), 1, '2026-05-05', '2026-05-05 01:02:03', '{1}'),
          (2, -2147483649, 1.5, 'abcdef', 'abcdefghij', NULL, 0.1, '2026-05-05 01:02:03', '2026-05-05 01:02:03.4567', NULL),
          (3, NULL, NULL, NULL, NULL, NULL, NULL, 'infinity', 'infinity', NULL),
          (4, 3000000000, 'NaN', 'abc   ', 'abc   ', NULL, 'NaN', NULL, NULL, NULL),
          (5, 7, 99999.999, 'ä€😀', 'ä€😀', NULL, 7, NULL, NULL, NULL)`),
    ),
  );

  it.each([
    ['n', 'int4', [], ['2', '4']],
    ['n', 'int8', [], []],
    ['n', 'numeric', [], []],
    ['n', 'numeric', [10, 0], []],
    ['n', 'numeric', [9, 0], ['1', '2', '4']],
    ['n', 'text', [], undefined],
    ['d', 'int4', [], ['2', '4', '5']],
    ['d', 'numeric', [8, 3], []],
    ['d', 'numeric', [8, 1], ['5']],
    ['d', 'numeric', [5, 2], ['5']],
    ['t', 'varchar', [3], ['2', '4']],
    ['t', 'varchar', [], []],
    ['Long', 'varchar', [3], ['2', '4']],
    ['Long', 'varchar', [10], []],
    ['Long', 'text', [], []],
    ['u', 'text', [], []],
    ['at', 'date', [], ['2']],
    ['at', 'timestamptz', [], undefined],
    ['tz', 'timestamptz', [0], ['2']],
    ['tz', 'timestamptz', [], []],
    ['tz', 'timestamp', [], undefined],
    ['tz', 'date', [], undefined],
    ['f', 'int4', [], undefined],
    ['a', 'int4', [], undefined],
    ['gone', 'int4', [], undefined],
    ['long', 'text', [], undefined],
  ] as const)('%s as %s %j: rows %j', async (column, name, sizes, keys) => {
    expect(await misfits(column, name, [...sizes])).toEqual(keys ? some(...keys) : null);
  });

  it('are what PostgreSQL itself refuses or changes', async () => {
    await as('test', async (client) => {
      const casts = ['int4', 'numeric(9,0)', 'numeric(10,0)', 'int8', 'numeric'].map((type) => ['n', type]);
      for (const [column, type] of [
        ...casts,
        ['d', 'int4'],
        ['d', 'numeric(8,3)'],
        ['d', 'numeric(5,2)'],
        ['t', 'varchar(3)'],
      ]) {
        const bad: string[] = [];
        for (const id of [1, 2, 3, 4, 5]) {
          const table = `one_${id}`;
          await client.query(
            `CREATE TEMP TABLE ${table} AS SELECT ${column} AS v, ${column} AS was FROM fitting WHERE id = ${id}`,
          );
          const ok = await client.query(`ALTER TABLE ${table} ALTER v TYPE ${type}`).then(
            () => true,
            () => false,
          );
          const same = await client.query(
            `SELECT 1 FROM ${table} WHERE v::text IS DISTINCT FROM was::text AND v IS DISTINCT FROM was`,
          );
          if (!ok || same.rowCount) bad.push(String(id));
          await client.query(`DROP TABLE ${table}`);
        }
        const [name, digits] = type!.split('(');
        const sizes = (digits ?? '').replace(')', '').split(',').filter(Boolean).map(Number);
        expect({ type, keys: (await misfits(column!, name!, sizes))?.keys }).toEqual({ type, keys: bad });
      }
    });
  });

  it('are counted up to a limit, and where there is no key named by their place', async () => {
    expect(await misfits('n', 'int2', [], 2)).toMatchObject({ rows: 2, more: true });
    await as('test', (client) => client.query('CREATE TABLE keyless AS SELECT n FROM fitting'));
    const found = await as('test', (client) =>
      misfitsIn(client, { table: 'keyless', column: 'n', to: { name: 'int4', sizes: [] } }),
    );
    expect(found?.keys).toEqual(['row at (0,2)', 'row at (0,4)']);
  });
});
