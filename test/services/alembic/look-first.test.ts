import { setTimeout as sleep } from 'node:timers/promises';
import { blockedOf, Load, looking, ORDERS, reader } from './looking.js';
import { drivers, testProject, type Driver, type Revision, type TestProject } from './project.js';

const note: Revision = { id: 'r1', up: "op.add_column('orders', sa.Column('note', sa.Text))" };
const then = (revision: Omit<Revision, 'down'>, down = 'r1'): Revision => ({ ...revision, down });

async function shop(
  revisions: readonly Revision[],
  driver: Driver = 'psycopg2',
  configure = '',
): Promise<TestProject> {
  const project = await testProject(revisions, { driver, configure });
  await project.query(ORDERS);
  return project;
}
const standsAt = async (project: TestProject) =>
  (await project.query('select version_num from alembic_version')).map((row) => row['version_num']);

describe.each(drivers)('%s', (driver) => {
  it('waits for a reader with nobody behind it, and is done a moment after the reader', async () => {
    const project = await shop([note], driver);
    const run = await looking(project);
    const load = await Load.start(project.url);
    const reading = reader(project, 3_000);
    await sleep(200);
    await run.upgrade();
    const done = performance.now();
    const left = await reading;
    await load.stop();
    expect(done).toBeGreaterThan(left);
    expect(done - left).toBeLessThan(1_000);
    expect(load.done).toBeGreaterThan(100);
    expect(load.worstMs).toBeLessThan(500);
    expect(run.said.join('\n')).toMatch(
      /waits for ACCESS EXCLUSIVE on public.orders, for .*: pid \d+, user \S+, application a report/,
    );
    expect(await standsAt(project)).toEqual(['r1']);
  });

  it('takes an attempt back to where it began, and learns from it what nobody could read', async () => {
    const hidden = 'do $$ begin alter table orders add note text; end $$';
    const project = await shop(
      [{ id: 'r1', up: `op.create_table('made', sa.Column('id', sa.Integer))\nop.execute("${hidden}")` }],
      driver,
    );
    const run = await looking(project);
    const load = await Load.start(project.url);
    const reading = reader(project, 3_000);
    await sleep(200);
    await run.upgrade();
    expect(performance.now() - (await reading)).toBeLessThan(1_000);
    await load.stop();
    expect(load.worstMs).toBeLessThan(500);
    expect(await project.query("select to_regclass('made') is not null as made")).toEqual([{ made: true }]);
    expect(await standsAt(project)).toEqual(['r1']);
  });
});

it('asks people about who does not end, with the transaction rolled back first', async () => {
  const project = await shop([note]);
  const run = await looking(project, { waitMinutes: 0.02 });
  const client = await project.connect();
  await client.query("SET application_name = 'a forgotten shell'; BEGIN");
  await client.query("SELECT 'password=s3cret' FROM orders");
  const blocked = await blockedOf(run.upgrade());
  expect(blocked).toMatchObject({
    reason: 'holder',
    revision: 'r1',
    statement: 'ALTER TABLE orders ADD COLUMN note TEXT',
    relations: [{ name: 'public.orders', lock: 'ACCESS EXCLUSIVE' }],
    holders: [{ application: 'a forgotten shell', state: 'idle in transaction', mode: 'ACCESS SHARE' }],
    budgetMs: 1_000,
    committed: [],
  });
  expect(blocked.stalledMs).toBeLessThan(300);
  expect(JSON.stringify(blocked)).toContain('password=***');
  expect(JSON.stringify(blocked) + run.said.join()).not.toContain('s3cret');
  expect(
    await project.query(
      "select count(*)::int from pg_stat_activity where application_name like 'lockkeeper:%:migrate%'",
    ),
  ).toEqual([{ count: 0 }]);
  expect(await standsAt(project)).toEqual([]);

  const [holder] = blocked.holders;
  await run
    .upgrade({ cancel: [{ pid: holder!.pid, backendStart: 'another session of that pid' }] })
    .catch(() => undefined);
  expect((await client.query('SELECT 1')).rowCount).toBe(1);
  await run.upgrade({ cancel: [{ pid: holder!.pid, backendStart: holder!.backendStart }] });
  await expect(client.query('SELECT 1')).rejects.toThrow();
  expect(await standsAt(project)).toEqual(['r1']);
});

it('rolls back a transaction that holds what others want, and begins again once the way is free', async () => {
  const project = await shop([
    {
      id: 'r1',
      up: "op.add_column('orders', sa.Column('note', sa.Text))\nop.execute('alter table items add x int')",
    },
  ]);
  await project.query('create table items (id int)');
  const run = await looking(project);
  const load = await Load.start(project.url);
  const reading = reader(project, 4_000, 'SELECT * FROM items');
  await sleep(200);
  await run.upgrade();
  const done = performance.now();
  expect(done - (await reading)).toBeLessThan(1_500);
  await load.stop();
  expect(load.worstMs).toBeLessThan(600);
  expect(await standsAt(project)).toEqual(['r1']);
});

describe('readers that overlap without a gap', () => {
  /** Three at a time, each for 1.5 s. */
  async function overlapping(project: TestProject) {
    let going = true;
    const lane = async (late: number) => {
      await sleep(late);
      while (going) await reader(project, 1_500);
    };
    const lanes = [0, 500, 1_000].map(lane);
    await sleep(1_600);
    return async () => {
      going = false;
      await Promise.all(lanes);
    };
  }

  it('are outlasted once, within the budget', async () => {
    const project = await shop([note]);
    const run = await looking(project);
    const stop = await overlapping(project);
    const load = await Load.start(project.url);
    await run.upgrade({ budgetMs: 1_950 });
    await load.stop();
    await stop();
    expect(load.worstMs).toBeLessThan(2_200);
    expect(await standsAt(project)).toEqual(['r1']);
  });

  it('stop it before the budget is spent, with their names', async () => {
    const project = await shop([note]);
    const run = await looking(project);
    const stop = await overlapping(project);
    const load = await Load.start(project.url);
    const blocked = await blockedOf(run.upgrade({ budgetMs: 300 }));
    await load.stop();
    await stop();
    expect(blocked).toMatchObject({ reason: 'no-gap', budgetMs: 300, committed: [] });
    expect(blocked.holders.map(({ application }) => application)).toContain('a report');
    expect(blocked.stalledMs).toBeLessThanOrEqual(300);
    expect(load.worstMs).toBeLessThan(600);
    expect(await standsAt(project)).toEqual([]);
  });
});

it('names what is committed of several revisions with a transaction each', async () => {
  const project = await shop(
    [note, then({ id: 'r2', up: "op.execute('alter table items add x int')" })],
    'psycopg2',
    'transaction_per_migration=True',
  );
  await project.query('create table items (id int)');
  const run = await looking(project, { waitMinutes: 0.02 });
  const client = await project.connect();
  await client.query('BEGIN; SELECT * FROM items');
  expect(await blockedOf(run.upgrade())).toMatchObject({ revision: 'r2', committed: ['r1'] });
  expect(await standsAt(project)).toEqual(['r1']);
  await client.query('COMMIT');
  expect(await run.upgrade()).toMatch(/^1 revision/);
  expect(await standsAt(project)).toEqual(['r2']);
});

it('has no lock_timeout where nobody waits behind it, and has one again right after', async () => {
  const seen = 'op.execute("insert into seen select current_setting(\'lock_timeout\')")';
  const trigger = `create table seen (t text); create function note() returns event_trigger language plpgsql as
    $$ begin insert into seen select tg_tag || ' ' || current_setting('lock_timeout'); end $$;
    create event trigger note_${Date.now()} on ddl_command_start execute function note();`;
  const project = await shop(
    [
      {
        id: 'r1',
        up: `op.execute('alter table orders add constraint positive check (n >= 0) not valid')`,
      },
      {
        id: 'r2',
        down: 'r1',
        up: `op.execute('alter table orders validate constraint positive')
op.execute('create table made (id int)')
${seen}`,
      },
    ],
    'psycopg2',
    'transaction_per_migration=True',
  );
  await project.query(trigger);
  const run = await looking(project);
  await run.upgrade();
  expect((await project.query('select t from seen')).map(({ t }) => t)).toEqual([
    'ALTER TABLE 100ms',
    'ALTER TABLE 0',
    'CREATE TABLE 100ms',
    '1s',
  ]);
});
