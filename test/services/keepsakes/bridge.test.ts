import type { BridgeAsk, Leave } from '../../../src/adapters/alembic/events.js';
import { keeping } from '../../../src/activities/keeping.js';
import { drivers, run, testProject } from '../alembic/project.js';

const revisions = [
  {
    id: 'r1',
    up: "op.execute('create table orders (id int primary key)')\nop.execute('insert into orders values (1), (2)')",
    back: 'pass',
  },
  {
    id: 'r2',
    down: 'r1',
    up: "op.drop_table('orders')\nop.execute('create table after (id int)')",
    back: 'pass',
  },
  {
    id: 'r3',
    down: 'r2',
    up: "with op.get_context().autocommit_block():\n    op.drop_table('after')",
    back: 'pass',
  },
];
const moves = (drops: string, revision: string) => ({
  ...{
    table: `public.${drops}`,
    how: 'moved' as const,
    takes: [],
    revisions: [],
    key: [],
    columns: [],
    rows: true,
  },
  instead: {
    ...{ drops, revision },
    statements: [
      `ALTER TABLE public.${drops} RENAME TO "{run}_${drops}"`,
      `ALTER TABLE public."{run}_${drops}" SET SCHEMA lockkeeper_keep`,
    ],
  },
});
const plan = { keepsakes: [moves('orders', 'r2'), moves('after', 'r3')] };
const RUN = '01a2188b-1111-7111-8111-11110a1b2c3d';

it.each(drivers)(
  '%s: a table is moved where DROP would have dropped it, and only there',
  async (driver) => {
    const shop = await testProject(revisions, { driver });
    await run(shop, 'upgrade', ['r1'], []);
    await shop.query('create schema lockkeeper_keep');
    await shop.query('create view firsts as select * from orders where id = 1');
    const leave = keeping(plan, RUN, (_: BridgeAsk): Leave => ({ do: 'go', savepoint: true }));
    const up = (to: string, from: string) => run(shop, 'upgrade', [to], [from], { leave });

    await expect(up('r2', 'r1')).rejects.toMatchObject({
      code: 'migration-failed',
      message: expect.stringContaining('other objects depend on it'),
    });
    expect(await shop.query("select to_regclass('orders')::text as it")).toEqual([{ it: 'orders' }]);
    await shop.query('drop view firsts');
    await up('r2', 'r1');
    await up('r3', 'r2');
    expect(await shop.query("select to_regclass('orders') as it, to_regclass('after') as other")).toEqual([
      { it: null, other: null },
    ]);
    expect(await shop.query('select id from lockkeeper_keep."0a1b2c3d_orders" order by 1')).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
    expect(await shop.query('select count(*)::int as n from lockkeeper_keep."0a1b2c3d_after"')).toEqual([
      { n: 0 },
    ]);
  },
  300_000,
);
