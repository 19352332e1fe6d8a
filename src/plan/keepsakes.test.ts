import { factsWith, pending } from '../../test/support/plan-facts.js';
import type { KeepableTable } from '../domain/keepsake.js';
import { buildPlan } from './build.js';
import { lossesOf } from './losses.js';
import { summarise } from './summary.js';

const id = { name: 'id', type: 'bigint', builtIn: true };
const note = { name: 'note', type: 'text', builtIn: true };
const whole = { generated: false, hasDefault: false };
const orders: KeepableTable = {
  ...{ name: 'orders', full: 'public.orders', kind: 'table', isPartition: false, hasChildren: false },
  ...{ key: [id], columns: [id, note].map((each) => ({ ...each, ...whole })) },
  ...{ foreignKeys: ['orders_customer_fkey'], checks: [], triggers: ['touch'], policies: [], rules: [] },
  ...{ constraintIndexes: ['public.orders_pkey'], otherIndexes: [], sequences: [], statistics: [] },
  ...{ publications: [], cascades: [] },
};

const planOf = (up: string, table: KeepableTable = orders, down = '') =>
  buildPlan({ ...factsWith(pending('1a', up, down)), keepable: [table] });
const kept = async (up: string, table?: KeepableTable) => (await planOf(up, table)).keepsakes;

it.each([
  ['ALTER TABLE orders DROP COLUMN note', ['dropped']],
  ["UPDATE orders SET note = 'x'", ['changed']],
  ['WITH x AS (UPDATE orders SET note = NULL RETURNING 1) SELECT 1', ['changed']],
  ['ALTER TABLE orders ALTER COLUMN note TYPE int USING note::int', ['changed']],
  ['ALTER TABLE orders RENAME COLUMN note TO remark; ALTER TABLE orders DROP COLUMN remark', ['dropped']],
])('%s: its values are copied', async (up, goes) => {
  expect(await kept(up)).toMatchObject([
    {
      table: 'public.orders',
      how: 'copied',
      rows: false,
      columns: goes.map((one) => ({ name: 'note', goes: one })),
    },
  ]);
});

it.each([['DELETE FROM orders WHERE id < 7'], ['TRUNCATE orders']])(
  '%s: all its rows are copied',
  async (up) => {
    expect(await kept(up)).toMatchObject([{ how: 'copied', rows: true, columns: [{ name: 'note' }] }]);
  },
);

it('a table is moved, with all that would hold others let go first', async () => {
  const [keepsake] = (await kept('DROP TABLE orders')) ?? [];
  expect(keepsake).toMatchObject({ how: 'moved', instead: { drops: 'orders', revision: '1a' } });
  expect(keepsake?.instead?.statements).toEqual([
    'ALTER TABLE public.orders DROP CONSTRAINT IF EXISTS orders_customer_fkey',
    'DROP TRIGGER IF EXISTS touch ON public.orders',
    'ALTER INDEX IF EXISTS public.orders_pkey RENAME TO "{run}_i0_orders"',
    'ALTER TABLE public.orders RENAME TO "{run}_orders"',
    'ALTER TABLE public."{run}_orders" SET SCHEMA lockkeeper_keep',
  ]);
});

it.each<[string, Partial<KeepableTable>, string]>([
  ['ALTER TABLE orders DROP COLUMN note', { key: [] }, 'it has no primary key'],
  ['ALTER TABLE orders DROP COLUMN id', {}, 'the plan takes its primary key (id)'],
  ["UPDATE orders SET note = 'x'", { hasChildren: true }, 'other tables inherit from it'],
  ["UPDATE orders SET note = 'x'", { kind: 'other' }, 'it is no table with rows of its own'],
])('%s, %j: not kept, and why', async (up, more, why) => {
  const plan = await planOf(up, { ...orders, ...more });
  expect(plan.keepsakes).toMatchObject([{ how: 'not kept', why }]);
  expect(plan.rollback[0]).toContain('only a restore brings it back');
  expect(summarise(plan).keepsakes?.all).toBe(false);
});

it('what the plan itself has made is not kept; nor is anything where nothing goes', async () => {
  expect(await kept('ALTER TABLE orders ADD COLUMN a int; UPDATE orders SET a = 1')).toBeUndefined();
  expect(await kept('CREATE TABLE t (id int PRIMARY KEY); DROP TABLE t')).toBeUndefined();
  expect(await kept('ALTER TABLE orders ADD COLUMN a int')).toBeUndefined();
});

it('what nobody knows row by row is not kept', async () => {
  expect(await kept("DO $$ BEGIN EXECUTE 'DELETE FROM ' || 'orders'; END $$")).toMatchObject([
    { how: 'not kept', why: expect.stringContaining('not known row by row') },
  ]);
});

it('the rollback plan says what goes back, and the hash covers how it is kept', async () => {
  const down = 'ALTER TABLE orders ADD COLUMN note text';
  const plan = await planOf('ALTER TABLE orders DROP COLUMN note', orders, down);
  expect(plan.rollback).toEqual([
    'what this removes or changes comes back with its keepsakes; rows written since keep what was written',
    'deploy release r1 again',
    'downgrade 1a (about 1a): loses nothing; then the values of public.orders (note) go back',
  ]);
  const other = await planOf('ALTER TABLE orders DROP COLUMN note', { ...orders, key: [] }, down);
  expect(other.planHash).not.toBe(plan.planHash);
});

it('a downgrade that changes what goes back afterwards loses nothing', async () => {
  const { keepsakes } = await planOf('UPDATE orders SET note = upper(note)');
  const back = 'UPDATE orders SET note = lower(note)';
  expect((await lossesOf(back)).unknown).toHaveLength(1);
  expect((await lossesOf(back, undefined, keepsakes)).unknown).toEqual([]);
});
