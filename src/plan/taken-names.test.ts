import { pending } from '../../test/support/plan-facts.js';
import { contractedBy, isContractOf, takenNames } from './taken-names.js';

const names = async (...sql: string[]) =>
  (await takenNames(sql.map((one, at) => pending(`r${at}`, one))))?.map(
    ({ table, column = '' }) => `${table}.${column}`,
  );

it.each<[string, ...string[]]>([
  ['ALTER TABLE orders DROP COLUMN note, DROP COLUMN IF EXISTS "Old"', 'orders.note', 'orders."Old"'],
  ['DROP TABLE sales.coupons, tags', 'sales.coupons.', 'tags.'],
  ['DROP VIEW v', 'v.'],
  ['ALTER TABLE orders RENAME COLUMN note TO remark', 'orders.note'],
  ['ALTER TABLE orders RENAME TO sales', 'orders.'],
  ['ALTER TABLE orders SET SCHEMA old', 'orders.'],
  ['ALTER TABLE orders DROP COLUMN note; DROP TABLE orders', 'orders.'],
  ['DROP INDEX i; DROP FUNCTION f(); ALTER TABLE orders ALTER COLUMN note SET NOT NULL'],
])('%s takes names away', async (sql, ...expected) => expect(await names(sql)).toEqual(expected));

it('leaves out names that something else gets, and those that the revisions have made themselves', async () => {
  const swap =
    'ALTER TABLE parcels RENAME COLUMN id TO id_old; ALTER TABLE parcels RENAME COLUMN id_new TO id';
  expect(await names(swap, 'ALTER TABLE parcels DROP COLUMN id_old')).toEqual(['parcels.id_new']);
  expect(await names('ALTER TABLE orders RENAME TO o; CREATE VIEW orders AS SELECT * FROM o')).toEqual([]);
});

it('does not guess where a revision cannot be read', async () => {
  expect(await takenNames([pending('a', null)])).toBeNull();
  expect(await names('ALTER TABLE orders DROP COLUMN note; CREATE NONSENSE')).toBeUndefined();
});

it('knows the end of a change by the comments of its file', () => {
  const noted = (...lines: string[]) =>
    pending('a', '', '', { allowances: lines.map((text, line) => ({ line, text })) });
  const last = noted('# lockkeeper: phase contract of orders-note', '# lockkeeper: allow x because y');
  const first = noted('# lockkeeper: phase expand of orders-note');
  expect([last, first].map((one) => isContractOf(one, 'orders-note'))).toEqual([true, false]);
  expect(isContractOf(last, 'orders')).toBe(false);
  expect(contractedBy([first, last, last])).toEqual(['orders-note']);
});
