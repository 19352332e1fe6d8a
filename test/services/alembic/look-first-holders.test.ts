import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { installedPostgres, type InstalledServer } from '../../support/installed-postgres.js';
import { blockedOf, Load, looking, ORDERS, reader } from './looking.js';
import { testProject, type Revision, type TestProject } from './project.js';

const note: Revision = { id: 'r1', up: "op.add_column('orders', sa.Column('note', sa.Text))" };

let server: InstalledServer;
beforeAll(async () => {
  server = await installedPostgres('/usr/lib/postgresql/15/bin', {
    max_prepared_transactions: '5',
    autovacuum_naptime: '1s',
    autovacuum_vacuum_cost_delay: '100ms',
    autovacuum_vacuum_cost_limit: '1',
  });
}, 60_000);
afterAll(() => server.stop());

async function shop(): Promise<TestProject> {
  const project = await testProject([note], { database: await server.freshDatabase() });
  await project.query(ORDERS);
  return project;
}

/** Enough dead rows that an autovacuum comes, and so little speed that it stays. */
async function autovacuum(project: TestProject, more = ''): Promise<void> {
  await project.query(
    `alter table orders set (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0${more}); ` +
      'insert into orders select i, 0 from generate_series(51, 50000) i; update orders set n = 1',
  );
  for (let tries = 0; tries < 300; tries += 1) {
    const rows = await project.query(
      "select 1 from pg_stat_activity where backend_type = 'autovacuum worker' and query like '%public.orders%'",
    );
    if (rows.length) return;
    await sleep(100);
  }
  throw new Error('no autovacuum came');
}

it('on PostgreSQL 15 a reader is waited for with nobody behind it', async () => {
  const project = await shop();
  const run = await looking(project);
  const load = await Load.start(project.url);
  const reading = reader(project, 3_000);
  await sleep(200);
  await run.upgrade();
  expect(performance.now() - (await reading)).toBeLessThan(1_000);
  await load.stop();
  expect(load.worstMs).toBeLessThan(500);
});

it('a forgotten prepared transaction stops it, with its name', async () => {
  const project = await shop();
  const run = await looking(project, { waitMinutes: 0.5 });
  await project.query("begin; update orders set n = 2 where id = 1; prepare transaction 'order-4711'");
  const blocked = await blockedOf(run.upgrade());
  await project.query("rollback prepared 'order-4711'");
  expect(blocked).toMatchObject({
    reason: 'prepared',
    holders: [{ prepared: 'order-4711', pid: 0, mode: 'ROW EXCLUSIVE' }],
  });
});

it('an ordinary autovacuum is cancelled', async () => {
  const project = await shop();
  const run = await looking(project);
  await autovacuum(project);
  await run.upgrade();
  expect(run.said.join('\n')).toMatch(/autovacuum \(pid \d+\) was cancelled/);
  expect(await project.query('select version_num from alembic_version')).toEqual([{ version_num: 'r1' }]);
}, 90_000);

it('an autovacuum to prevent wraparound stops it at once', async () => {
  const project = await shop();
  const run = await looking(project);
  await project.query('create table burnt (x int)');
  // Each block with an exception handler that writes has a transaction id of its own.
  await project.query(
    'do $$ begin for i in 1..101000 loop begin insert into burnt values (i); exception when others then null; end; end loop; end $$',
  );
  await autovacuum(project, ', autovacuum_freeze_max_age = 100000');
  expect(await blockedOf(run.upgrade())).toMatchObject({ reason: 'wraparound', stalledMs: 0 });
}, 90_000);

it('a role that may not see what others do says so, and waits all the same', async () => {
  const project = await shop();
  const role = `plain_${project.name}`;
  await project.query(
    `create role ${role} login password 'x'; grant all on schema public to ${role}; alter table orders owner to ${role}; alter table alembic_version owner to ${role}`,
  );
  const owner = project.url;
  project.url = Object.assign(new URL(owner), { username: role, password: 'x' }).href;
  const run = await looking(project, { waitMinutes: 0.02 });
  const other = new pg.Client(owner);
  await other.connect();
  await other.query('BEGIN; SELECT * FROM orders');
  const blocked = await blockedOf(run.upgrade());
  await other.end();
  expect(blocked).toMatchObject({
    reason: 'holder',
    holders: [{ state: null, transactionMs: null, backendStart: '' }],
  });
  expect(blocked.holders[0]?.pid).toBeGreaterThan(0);
});
