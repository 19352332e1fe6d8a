import { schemaFromSql } from '../../schema/from-sql.js';
import { SqlSent } from './sent-sql.js';

async function sent() {
  const { schema } = await schemaFromSql(
    'CREATE TABLE orders (id int PRIMARY KEY, n int); CREATE TABLE items (id int)',
  );
  return new SqlSent(schema, 'alembic_version');
}
const ask = (sql: string, inTransaction = true) =>
  ({ ask: 'statement', id: 1, revision: 'r1', sql, pid: 1, inTransaction }) as const;

it('knows what the open transaction holds, and that its end gives it back', async () => {
  const sql = await sent();
  expect(await sql.look(ask('ALTER TABLE orders ADD COLUMN a int', false))).toMatchObject({ holds: false });
  sql.done();
  expect(await sql.look(ask('ALTER TABLE items ADD COLUMN a int'))).toMatchObject({ holds: true });
  sql.done();
  expect(await sql.look(ask('ALTER TABLE items ADD COLUMN b int', false))).toMatchObject({ holds: false });
});

it('wants no lock again that the open transaction has', async () => {
  const sql = await sent();
  await sql.look(ask('ALTER TABLE orders ADD COLUMN a int', false));
  sql.done();
  expect(await sql.look(ask('CREATE INDEX i ON orders (n)'))).toMatchObject({ locks: [] });
  expect((await sql.look(ask('ALTER TABLE items ADD COLUMN a int'))).locks).toHaveLength(1);
  expect((await sql.look(ask('CREATE INDEX i ON orders (n)', false))).locks).toHaveLength(1);
});

it('does not count what was not done', async () => {
  const sql = await sent();
  await sql.look(ask('ALTER TABLE orders ADD COLUMN a int', false));
  expect(await sql.look(ask('ALTER TABLE orders ADD COLUMN a int'))).toMatchObject({ holds: false });
});

it('wants nothing of what the transaction has made, until it is there for everybody', async () => {
  const sql = await sent();
  await sql.look(ask('CREATE TABLE made (id int)', false));
  sql.done();
  expect(await sql.look(ask('ALTER TABLE made ADD COLUMN x int'))).toMatchObject({ locks: [] });
  sql.done();
  sql.revision(false);
  const { locks } = await sql.look(ask('ALTER TABLE made ADD COLUMN y int'));
  expect(locks).toMatchObject([{ lock: 'ACCESS EXCLUSIVE' }]);
});

it('rows that were changed count as held; those of the version table, and new ones, do not', async () => {
  const holdsAfter = async (text: string) => {
    const sql = await sent();
    await sql.look(ask(text, false));
    sql.done();
    return (await sql.look(ask('ALTER TABLE items ADD COLUMN x int'))).holds;
  };
  expect(await holdsAfter('UPDATE orders SET n = %(n)s')).toBe(true);
  expect(await holdsAfter('/* why */ delete from only public.orders')).toBe(true);
  expect(await holdsAfter('WITH gone AS (DELETE FROM orders RETURNING 1) SELECT 1')).toBe(true);
  expect(await holdsAfter("UPDATE alembic_version SET version_num='r1'")).toBe(false);
  expect(await holdsAfter('INSERT INTO orders VALUES (1, 2)')).toBe(false);
  expect(await holdsAfter('CREATE INDEX CONCURRENTLY i ON orders (n)')).toBe(false);
});

it("tells the project's queries from Alembic's bookkeeping", async () => {
  const sql = await sent();
  expect(await sql.look(ask('SELECT 1'))).toMatchObject({ query: 'project' });
  expect(await sql.look(ask("INSERT INTO app.alembic_version VALUES ('x')"))).toMatchObject({
    query: 'bookkeeping',
  });
  expect(await sql.look(ask('CREATE TABLE a (b int)'))).toMatchObject({ query: null });
});

it('sees that part of a revision is committed before its end', async () => {
  const sql = await sent();
  sql.revision(false);
  await sql.look(ask('ALTER TABLE orders ADD COLUMN a int'));
  sql.done();
  expect(sql.committedMidway).toBe(false);
  expect(await sql.look(ask('CREATE INDEX CONCURRENTLY i ON orders (n)', false))).toMatchObject({
    build: { makes: 'public.i' },
  });
  expect(sql.committedMidway).toBe(true);
  sql.revision(false);
  expect(sql.committedMidway).toBe(false);
});

it('takes a text that may have been cut for one that nobody can read', async () => {
  const sql = await sent();
  expect(await sql.look(ask(`COMMENT ON TABLE orders IS '${'x'.repeat(100_000)}'`))).toMatchObject({
    unknown: true,
  });
});

describe('what may go without a question', () => {
  const lock = 'LOCK TABLE orders, items IN ACCESS EXCLUSIVE MODE';
  const swap = [
    'ALTER TABLE orders RENAME COLUMN n TO m',
    'ALTER TABLE items ADD COLUMN x int',
    'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
    'CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f()',
    'DROP TRIGGER t ON orders',
    'DROP FUNCTION f()',
  ];
  const after = async (first: string, next: readonly string[], inTransaction = true) => {
    const sql = await sent();
    await sql.look(ask(first, inTransaction));
    return { sql, granted: await sql.ahead(next) };
  };

  it('is what locks nothing but what the open transaction has', async () => {
    expect((await after(lock, swap, false)).granted).toEqual(swap);
  });

  it.each([
    ['another table', 'ALTER TABLE others ADD COLUMN a int'],
    ['the end of the transaction', 'COMMIT'],
    ['rows', 'UPDATE orders SET n = 1'],
    ['a table that is dropped', 'DROP TABLE items'],
    ['an index that is built', 'CREATE INDEX i ON orders (n)'],
    ['an index that is dropped beside all', 'DROP INDEX CONCURRENTLY i'],
    ['a setting', 'SET lock_timeout = 0'],
    ['code', 'DO $$ BEGIN END $$'],
    ['two at once', 'ALTER TABLE orders ADD a int; ALTER TABLE others ADD a int'],
    ['what cannot be read', 'ALTER TABLE orders ADD )'],
  ])('ends before %s', async (_, text) => {
    expect((await after(lock, [swap[0]!, text, swap[1]!])).granted).toEqual([swap[0]]);
  });

  it('is nothing where each statement may be a transaction of its own', async () => {
    expect((await after('ALTER TABLE orders ADD COLUMN a int', swap, false)).granted).toEqual([]);
    expect((await after('ALTER TABLE orders ADD COLUMN a int', swap)).granted).toEqual([swap[0]]);
  });

  it('counts as done, and is told of as any other', async () => {
    const { sql, granted } = await after(lock, swap.slice(0, 2));
    for (let told = 0; told <= granted.length; told += 1) sql.done();
    expect(await sql.look(ask('ALTER TABLE items DROP COLUMN x'))).toMatchObject({ holds: true, locks: [] });
  });

  it('forgets what it knows where something else comes', async () => {
    const { sql } = await after(lock, swap.slice(0, 2));
    sql.done();
    expect(await sql.look(ask('ALTER TABLE items ADD COLUMN other int'))).toMatchObject({
      locks: [{ lock: 'ACCESS EXCLUSIVE' }],
    });
  });
});
