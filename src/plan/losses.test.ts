import { written } from '../phases/filled.js';
import { lossesOf } from './losses.js';

const none = { tables: [], columns: [], retyped: [], renamed: [], added: [], unknown: [] };

describe('lossesOf', () => {
  it('names the tables and columns that a downgrade would remove', async () => {
    const sql = `BEGIN;
      DROP INDEX ix_orders;
      ALTER TABLE sales.orders DROP COLUMN "Note", DROP COLUMN state;
      ALTER TABLE orders DROP CONSTRAINT fk;
      DROP TABLE "Coupons";
      DROP TABLE sales.items;
      DROP TYPE mood;
      DROP SEQUENCE numbers;
      COMMENT ON TABLE orders IS NULL;
      UPDATE alembic_version SET version_num='a' WHERE alembic_version.version_num = 'b';
      COMMIT;`;
    expect(await lossesOf(sql)).toEqual({
      tables: ['"Coupons"', 'sales.items'],
      columns: [
        { table: 'sales.orders', column: 'Note' },
        { table: 'sales.orders', column: 'state' },
      ],
      retyped: [],
      renamed: [],
      added: [],
      unknown: [],
    });
  });

  it('a column that it adds and fills, and what the contract of a change has beside that, loses nothing', async () => {
    const first = await lossesOf(`LOCK TABLE parcels IN ACCESS EXCLUSIVE MODE;
      ALTER TABLE parcels ADD COLUMN id_old integer;
      CREATE FUNCTION in_step() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      ALTER SEQUENCE parcels_id_seq OWNED BY parcels.id_old;
      ALTER SEQUENCE parcels_id_seq AS integer`);
    expect(first).toEqual({ ...none, added: ['parcels.id_old'] });
    const fill = 'UPDATE parcels SET id_old = id WHERE id_old IS DISTINCT FROM id';
    expect(await lossesOf(fill, undefined, [], first.added)).toEqual({ ...none, added: first.added });
    expect((await lossesOf(fill)).unknown).toEqual([fill]);
  });

  it.each([
    'UPDATE parcels SET id_old = 1, n = 2',
    'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'ALTER SEQUENCE parcels_id_seq RESTART WITH 1',
  ])('does not know what is lost by %s', async (sql) => {
    expect((await lossesOf(sql, undefined, [], ['parcels.id_old'])).unknown).toEqual([sql]);
  });

  it('knows of which columns the values must fit another type', async () => {
    const sql =
      'ALTER TABLE orders ALTER parcel TYPE integer, ALTER sum TYPE numeric(10,2) USING sum::numeric(10,2)';
    const of = { table: 'orders', statement: sql };
    expect(await lossesOf(sql)).toEqual({
      ...none,
      retyped: [
        { ...of, column: 'parcel', to: { name: 'int4', sizes: [] } },
        { ...of, column: 'sum', to: { name: 'numeric', sizes: [10, 2] } },
      ],
    });
  });

  it.each([
    'ALTER TABLE orders ALTER COLUMN a TYPE int USING a / 2',
    'ALTER TABLE orders ALTER COLUMN a TYPE int USING a::numeric(4,1)::int',
    'ALTER TABLE orders ALTER COLUMN a TYPE int USING b::int',
    'ALTER TABLE orders ALTER COLUMN a TYPE int[]',
    'ALTER TABLE orders ALTER COLUMN a TYPE mood',
    'ALTER TABLE orders ALTER COLUMN a TYPE time',
  ])('does not know which values fit after %s', async (sql) => {
    expect(await lossesOf(sql)).toEqual({ ...none, unknown: [sql] });
  });

  it.each([
    'ALTER TABLE orders RENAME COLUMN b TO a',
    'ALTER TABLE sales.orders RENAME COLUMN b TO a',
    'ALTER TABLE other RENAME TO orders',
    'ALTER TABLE orders ALTER COLUMN a TYPE text',
  ])('does not take a column for another one, as after %s', async (first) => {
    const sql = 'ALTER TABLE orders ALTER COLUMN a TYPE int';
    const { retyped, unknown } = await lossesOf(`${first}; ${sql}`);
    expect(retyped.map(({ statement }) => statement)).not.toContain(sql);
    expect(unknown).toEqual([sql]);
  });

  it('finds nothing where nothing is removed', async () => {
    expect(await lossesOf('')).toEqual(none);
    expect(await lossesOf('SELECT count(*) FROM orders')).toEqual(none);
    expect(await lossesOf('ALTER TABLE orders ADD COLUMN a int; CREATE TABLE t (a int)')).toEqual({
      ...none,
      added: ['orders.a'],
    });
    expect(
      await lossesOf("DELETE FROM alembic_version WHERE version_num = 'a'; DROP TABLE alembic_version"),
    ).toEqual(none);
    expect(await lossesOf('DROP TABLE shop.my_version', 'my_version')).toEqual(none);
  });

  it('loses nothing by a block that fills what was added, as the way back of a phased change has it', async () => {
    const fill = { table: 'orders', key: ['id'], set: 'a = b', where: 'a IS DISTINCT FROM b' };
    const [batches, rest] = written(fill).map(({ sql }) => sql);
    const added = 'ALTER TABLE orders ADD COLUMN a int';
    expect((await lossesOf(`${added}; ${batches}; ${rest}`)).unknown).toEqual([]);
    expect((await lossesOf(`${added}; ${rest}`, undefined, [], [])).unknown).toEqual([]);
    expect((await lossesOf(batches!, undefined, [], ['orders.a'])).unknown).toEqual([]);
    expect((await lossesOf(batches!)).unknown).toEqual([batches]);
    const more = batches!.replace('COMMIT;', 'DELETE FROM orders; COMMIT;');
    expect((await lossesOf(`${added}; ${more}`)).unknown).toEqual([more]);
  });

  it.each([
    'UPDATE orders SET a = 1',
    "ALTER TABLE orders ALTER COLUMN a TYPE int USING ''::int",
    'TRUNCATE orders',
    'DROP VIEW v',
    'DROP SCHEMA s',
    'DROP TYPE mood CASCADE',
    'DO $$ BEGIN END $$',
    'SELECT clean_up()',
    'DELETE FROM alembic_version USING orders WHERE clean_up()',
    'DRO TABLE t',
  ])('does not know what is lost by %s', async (sql) => {
    expect(await lossesOf(sql)).toEqual({ ...none, unknown: [sql] });
  });

  it('names the table, and knows that it is not all, where what depends on it goes too', async () => {
    expect(await lossesOf('DROP TABLE t CASCADE')).toEqual({
      ...none,
      tables: ['t'],
      unknown: ['DROP TABLE t CASCADE'],
    });
    expect((await lossesOf('ALTER TABLE t DROP COLUMN c CASCADE')).unknown).toHaveLength(1);
  });
});
