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
