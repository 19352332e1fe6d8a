import { parse } from './parse.js';
import { uses, type Taken } from './uses.js';

const note: Taken = { table: 'orders', column: 'note', width: 3, alsoIn: ['customers'] };
const coupons: Taken = { table: 'coupons', width: 2 };

async function isUse(sql: string, taken: Taken): Promise<boolean> {
  const [one] = await parse(sql);
  if (!one || !('node' in one)) throw new Error(`not read: ${sql}`);
  return uses(one.node, taken);
}

it.each([
  'SELECT note FROM orders',
  'SELECT o.note FROM orders o WHERE id = $1',
  'SELECT public.orders.note FROM public.orders',
  'SELECT id FROM orders WHERE note IS NULL',
  'SELECT 1 FROM customers c JOIN orders o ON o.note = c.name',
  'SELECT 1 FROM a JOIN orders USING (note)',
  'SELECT id FROM orders ORDER BY lower(note)',
  'SELECT remark AS note FROM orders GROUP BY note',
  'SELECT id FROM a UNION ALL SELECT note FROM orders',
  'WITH x AS (SELECT note FROM orders) SELECT * FROM x',
  'SELECT 1 FROM orders o WHERE EXISTS (SELECT 1 FROM items WHERE items.text = note)',
  'SELECT 1 FROM items WHERE EXISTS (SELECT 1 FROM orders WHERE orders.note = items.text)',
  'INSERT INTO orders (id, note) VALUES ($1, $2)',
  'INSERT INTO orders VALUES ($1, $2, $3)',
  'INSERT INTO orders (id) VALUES ($1) RETURNING note',
  'INSERT INTO orders (id) VALUES ($1) ON CONFLICT (note) DO NOTHING',
  'INSERT INTO orders (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET note = $2',
  'INSERT INTO orders (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = excluded.note::int',
  'INSERT INTO archive SELECT id, note FROM orders',
  'UPDATE orders SET note = $1 WHERE id = $2',
  'UPDATE orders SET (id, note) = ($1, $2)',
  'UPDATE items SET text = o.note FROM orders o WHERE o.id = items.id',
  'DELETE FROM orders WHERE note = $1',
  'DELETE FROM items USING orders o WHERE o.note = items.text',
  'MERGE INTO orders o USING x ON x.id = o.id WHEN MATCHED THEN UPDATE SET note = x.v',
  'COPY orders (id, note) FROM STDIN',
  'COPY orders FROM STDIN',
  'COPY orders (id, note) TO STDOUT',
  'COPY (SELECT note FROM orders) TO STDOUT',
  'DECLARE c CURSOR FOR SELECT note FROM orders',
  'SELECT note FROM orders FOR UPDATE OF orders',
])('%s uses orders.note', async (sql) => {
  expect(await isUse(sql, note)).toBe(true);
});

it.each([
  'SELECT * FROM orders',
  'SELECT count(*) FROM orders',
  'SELECT remark AS note FROM orders ORDER BY note',
  'SELECT c.note FROM customers c JOIN orders o ON o.id = c.id',
  'SELECT note FROM customers WHERE id IN (SELECT customer_id FROM orders)',
  'SELECT 1 FROM orders WHERE EXISTS (SELECT 1 FROM customers WHERE note = $1)',
  'SELECT note FROM archive.orders_2020',
  'WITH orders AS (SELECT 1 AS note) SELECT note FROM orders',
  'SELECT t.note FROM (SELECT remark AS note FROM orders) t',
  'INSERT INTO orders (id, remark) VALUES ($1, $2)',
  'INSERT INTO orders DEFAULT VALUES',
  'UPDATE customers SET note = $1',
  'COPY public.orders (id, note, remark) TO stdout',
  'COPY orders (id) FROM STDIN',
  'ALTER TABLE orders DROP COLUMN note',
  'CREATE INDEX ON orders (note)',
  "COMMENT ON COLUMN orders.note IS 'x'",
])('%s does not use orders.note', async (sql) => {
  expect(await isUse(sql, note)).toBe(false);
});

it.each([
  ['SELECT 1 FROM orders o JOIN public.coupons c ON c.id = o.id', true],
  ['INSERT INTO coupons DEFAULT VALUES', true],
  ['DELETE FROM orders USING coupons', true],
  ['TRUNCATE orders, coupons', true],
  ['COPY coupons (id) TO STDOUT', true],
  ['COPY public.coupons (id, code) TO stdout', false],
  ['LOCK TABLE public.coupons IN ACCESS SHARE MODE', false],
  ['SELECT coupons FROM orders', false],
  ['SELECT 1 FROM sales.coupons', true],
] as const)('%s uses the table coupons: %s', async (sql, expected) => {
  expect(await isUse(sql, coupons)).toBe(expected);
});

it('does not take one schema for another', async () => {
  expect(await isUse('SELECT 1 FROM sales.coupons', { table: 'public.coupons' })).toBe(false);
});
