import { lossesOf } from './losses.js';

const none = { tables: [], columns: [], unknown: [] };

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
      unknown: [],
    });
  });

  it('finds nothing where nothing is removed', async () => {
    expect(await lossesOf('')).toEqual(none);
    expect(await lossesOf('SELECT count(*) FROM orders')).toEqual(none);
    expect(await lossesOf('ALTER TABLE orders ADD COLUMN a int; CREATE TABLE t (a int)')).toEqual(none);
    expect(
      await lossesOf("DELETE FROM alembic_version WHERE version_num = 'a'; DROP TABLE alembic_version"),
    ).toEqual(none);
    expect(await lossesOf('DROP TABLE shop.my_version', 'my_version')).toEqual(none);
  });

  it.each([
    'UPDATE orders SET a = 1',
    'ALTER TABLE orders ALTER COLUMN a TYPE int',
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
