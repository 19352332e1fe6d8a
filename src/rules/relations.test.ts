import { schemaFromSql } from '../schema/from-sql.js';
import { parse } from '../sql/parse.js';
import { check } from './check.js';

/** A shop with orders and a partitioned log. Sizes in bytes. */
const SHOP = `
  CREATE TABLE shop (id int PRIMARY KEY);
  CREATE TABLE orders (id int PRIMARY KEY, shop_id int REFERENCES shop, note varchar(20));
  CREATE TABLE items (order_id int REFERENCES orders);
  CREATE TABLE log (at date, what text) PARTITION BY RANGE (at);
  ${Array.from({ length: 9 }, (_, n) => `CREATE TABLE log_${n} PARTITION OF log FOR VALUES FROM ('202${n}-01-01') TO ('202${n}-12-31');`).join('\n')}`;

async function found(sql: string, rule: string, bytes: Record<string, number> = {}) {
  const { schema } = await schemaFromSql(SHOP, 16);
  for (const [name, size] of Object.entries(bytes)) {
    const relation = schema.relations.get(`public.${name}`);
    if (relation) relation.bytes = size;
  }
  const { findings } = check(await parse(sql), { file: 'x.sql', linesOfFile: true, postgres: 16 }, schema);
  const finding = findings.find((each) => each.rule === rule);
  if (!finding) throw new Error(`${rule} found nothing, but ${findings.map((each) => each.rule).join()}`);
  return finding;
}
const lines = async (sql: string, rule: string) =>
  (await found(sql, rule)).relations.map(({ name, lock, why }) =>
    [name, lock, ...(why ? [why] : [])].join(': '),
  );

describe('the relations of a finding', () => {
  it('are those of both ends of a foreign key, though a statement names neither', async () => {
    expect(await lines('ALTER TABLE orders DROP COLUMN shop_id', 'column-dropped')).toEqual([
      'orders: ACCESS EXCLUSIVE',
      'shop: ACCESS EXCLUSIVE: referenced by orders',
    ]);
    expect(await lines('DROP TABLE orders CASCADE', 'table-dropped')).toEqual([
      'orders: ACCESS EXCLUSIVE',
      'shop: ACCESS EXCLUSIVE: referenced by orders',
      'items: ACCESS EXCLUSIVE: references orders',
    ]);
  });

  it('are some of many partitions, and how many more there are', async () => {
    expect(await lines('CREATE INDEX ON log (what)', 'index-on-partitioned-table')).toEqual([
      'log: SHARE',
      'log_0: SHARE: partition of log',
      'log_1: SHARE: partition of log',
      'log_2: SHARE: partition of log',
      'log_3: SHARE: partition of log',
      'log_4: SHARE: partition of log, as are 4 more',
    ]);
  });

  it('are none that were made in the same plan', async () => {
    const sql =
      'CREATE TABLE mine (id int PRIMARY KEY); ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES mine (id);';
    expect(
      (await lines(sql, 'foreign-key-scans')).filter((line) => line !== 'mine: SHARE ROW EXCLUSIVE'),
    ).toEqual(['orders: SHARE ROW EXCLUSIVE']);
  });
});

describe('the forecast of a finding', () => {
  it('is told from the sizes of the tables that the statement reads', async () => {
    const sql = "ALTER TABLE orders ADD CONSTRAINT c CHECK (note <> '')";
    expect((await found(sql, 'check-scans', { orders: 1e9 })).forecast).toEqual({
      ...{ seconds: [2, 20], diskBytes: 0, walBytes: 0 },
      from: 'orders has 953.7 MiB; assumed: read at 50 to 500 MB a second',
    });
    expect((await found(sql, 'check-scans')).forecast).toBeUndefined();
  });
});
