import { setTimeout as sleep } from 'node:timers/promises';
import { installedPostgres, type InstalledServer } from '../../support/installed-postgres.js';
import { patience, sample } from '../../support/kills-sample.js';
import { oldestPython } from '../../support/old-python.js';
import { Load, looking, ORDERS, reader } from './looking.js';
import { drivers, testProject, type Driver, type Revision } from './project.js';

/** Strong locks alone, after others, after rows, and of what was made before; in a block of its own; in several revisions. */
const revisions: Record<'plain' | 'block', readonly Revision[]> = {
  plain: [
    {
      id: 'r1',
      up: `op.create_table('made', sa.Column('id', sa.Integer, primary_key=True))
op.add_column('made', sa.Column('x', sa.Integer))
op.add_column('orders', sa.Column('note', sa.Text))`,
    },
    {
      id: 'r2',
      down: 'r1',
      up: `op.bulk_insert(sa.table('made', sa.column('id')), [{'id': 1}, {'id': 2}])
op.get_bind().execute(sa.text('update made set x = :x'), {'x': 3})
op.execute('create index orders_n on orders (n)')
op.create_foreign_key('made_orders', 'made', 'orders', ['id'], ['id'])`,
    },
  ],
  block: [
    {
      id: 'r1',
      up: `op.add_column('orders', sa.Column('note', sa.Text))
with op.get_context().autocommit_block():
    op.create_index('orders_n', 'orders', ['n'], postgresql_concurrently=True)
op.execute('alter table orders add constraint n_small check (n >= 0) not valid')`,
    },
    { id: 'r2', down: 'r1', up: "op.execute('alter table orders validate constraint n_small')" },
  ],
};

const forms = {
  'one transaction': { configure: '', of: revisions.plain },
  'one each': { configure: 'transaction_per_migration=True', of: revisions.plain },
  'an autocommit block': { configure: 'transaction_per_migration=True', of: revisions.block },
} as const;

interface Case {
  driver: Driver;
  versions: 'oldest' | 'newest';
  form: keyof typeof forms;
  postgres: 15 | 18;
}

const all: Case[] = drivers.flatMap((driver) =>
  (['newest', 'oldest'] as const)
    .filter((versions) => driver !== 'psycopg' || versions === 'newest') // SQLAlchemy 1.4 does not know it
    .flatMap((versions) =>
      (Object.keys(forms) as (keyof typeof forms)[]).flatMap((form) =>
        ([15, 18] as const).map((postgres) => ({ driver, versions, form, postgres })),
      ),
    ),
);

let older: InstalledServer;
beforeAll(async () => {
  older = await installedPostgres('/usr/lib/postgresql/15/bin');
}, 60_000);
afterAll(() => older.stop());

it.each(sample(all, 4))(
  '$driver, $versions, $form, PostgreSQL $postgres: nobody waits, and all of it is done',
  async ({ driver, versions, form, postgres }) => {
    const { configure, of } = forms[form];
    const project = await testProject(of, {
      ...{ driver, configure },
      ...(versions === 'oldest' ? { python: await oldestPython() } : {}),
      ...(postgres === 15 ? { database: await older.freshDatabase() } : {}),
    });
    await project.query(ORDERS);
    const run = await looking(project);
    const load = await Load.start(project.url);
    const reading = reader(project, 3_000);
    await sleep(200);
    await run.upgrade();
    const done = performance.now();
    const left = await reading;
    await load.stop();
    expect(done).toBeGreaterThan(left);
    expect(done - left).toBeLessThan(2_500 * patience);
    expect(load.worstMs).toBeLessThan(700 * patience);
    expect(await project.query('select version_num from alembic_version')).toEqual([{ version_num: 'r2' }]);
    expect(
      await project.query("select indisvalid from pg_index where indexrelid = 'orders_n'::regclass"),
    ).toEqual([{ indisvalid: true }]);
  },
  60_000 * patience,
);
