import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { OwnServer } from '../support/kills-servers.js';
import { Night, REWRITE, SLOW } from '../support/night.js';
import { until, type Project } from '../support/project.js';

const PEOPLE = ['bo', 'cy'];
let temporal: OwnServer;
let night: Night;
let project: Project;
beforeAll(async () => {
  temporal = await OwnServer.start('temporal');
  night = await Night.begin(REWRITE, temporal);
  ({ project } = night);
}, 400_000);
afterAll(async () => {
  await night?.close();
  await temporal?.close();
}, 120_000);

const opened = async (): Promise<void> => {
  expect((await project.cli(['maintenance', 'off', project.target], SLOW)).code).toBe(0);
  expect((await night.site.ask()).status).toBe(200);
};
/** While one session waits for a lock that another one holds. */
async function whileWaiting<T>(look: () => Promise<T>): Promise<T> {
  const [holder, waiter] = ['report', 'shop'].map(
    (name) => new Client({ connectionString: project.url, application_name: name }),
  ) as [Client, Client];
  await Promise.all([holder.connect(), waiter.connect()]);
  await holder.query('begin; lock table orders');
  const waiting = waiter.query('select count(*) from orders');
  try {
    return await look();
  } finally {
    await holder.end();
    await waiting;
    await waiter.end();
  }
}

const BEFORE = { at: '0001_first', type: 'numeric', rows: 1_000, sessions: 0 };
const STOPPED = { site: 503, flag: true, release: '' };

it('stop: the run is cancelled and undoes, the application is stopped after it, the site is closed', async () => {
  await night.runUntilHeld();
  const { out, err } = await night.emergency('stop');
  expect(err).toBe('');
  expect(out).toMatch(
    /done +close the site: .*done +stop the application: .*(done|LEFT) +cancel the run: the deploy .*done +stop the application, again/s,
  );
  // Where its undo takes longer than it waits, it says that it is to be called again.
  const isOver = async () => {
    const again = await night.emergency('stop');
    return again.code === 0 && again.out.includes('cancel the run: nothing runs');
  };
  await until(isOver, 240_000, 'the end of the run');
  expect(await project.record()).toMatchObject({ outcome: 'undone' });
  expect(await night.stands()).toEqual({ ...BEFORE, ...STOPPED });

  await night.letGo();
  const start = ['deploy', project.target, '--skip-migrate', '--release', 'r1'];
  expect((await project.cli(start, SLOW)).code).toBe(0);
  await opened();
  expect(await project.running()).toBe('r1');
}, 1_200_000);

it('stop, Temporal dead: what its worker was at ends, and nothing goes on', async () => {
  await night.hold();
  await night.runUntilHeld();
  await temporal.kill();
  const { code, out } = await night.emergency('stop');
  expect(out).toMatch(/LEFT +cancel the run: Temporal does not answer\. Run [0-9a-f]{8} is kept from doing/);
  expect(code).toBe(4);
  await night.letGo();
  await sleep(1_500);
  const after = { ...BEFORE, at: '0002_text', type: 'text', ...STOPPED };
  expect(await night.stands()).toEqual(after);

  const status = await whileWaiting(() => night.emergency('status'));
  expect(status.out).toMatch(
    /Site +closed.*Run +deploy .*Temporal +Temporal does not answer.*alembic_version +0002_text/s,
  );
  expect(status.out).toMatch(/Waiting for locks: 1.*shop +ACCESS SHARE +orders/s);
  expect(status.out).toMatch(/Migration log: .*alter table/s);

  const fix = await night.emergency('fix');
  expect(fix).toMatchObject({ code: 4 });
  expect(fix.out).toMatch(
    /0002_text: all of the migration is there.*Temporal does not answer.*lockkeeper explain/s,
  );
  const loss = await night.emergency('data-loss', '--backup', 'latest');
  expect(loss.code).not.toBe(0);
  expect(loss.out).toMatch(/Nothing was restored\..*Report, to be completed: /s);
}, 1_200_000);

it('fix: the run is back, waits for a person, and undoes the rest', async () => {
  await temporal.again();
  await project.killWorkers();
  await project.worker();
  const isRepair = async () =>
    (await project.cli(['status', project.target, '--json'], SLOW)).out.includes('"outcome": "repair"');
  await until(isRepair, 200_000, 'the gate repair', 1_000);
  await night.sql('create table in_the_way as select 1 as x; alter table orders rename total to sum');
  await night.sql('alter table orders rename sum to total; drop table in_the_way');
  const { code, out } = await night.emergency('fix');
  expect(code).toBe(0);
  expect(out).toContain('all of the migration is there');
  const isOver = async () => (await project.record()).outcome === 'undone';
  await until(isOver, 60_000, 'the end of the run', 500);
  expect(await night.stands()).toEqual({ ...BEFORE, site: 503, flag: true, release: 'r1' });
  await opened();
}, 1_200_000);

it('fix --go-on: what a run left that is no more is brought to the end that was meant', async () => {
  await night.hold();
  await night.runUntilHeld();
  await project.killWorkers();
  await project.temporal(['workflow', 'terminate', '-w', project.workflowId, '--reason', 'gone']);
  await night.letGo();
  await project.worker();
  const { code, out } = await night.emergency('fix', '--go-on');
  expect({ code, out }).toMatchObject({
    code: 0,
    out: expect.stringContaining('all of the migration is there'),
  });
  const after = { ...BEFORE, at: '0002_text', type: 'text', site: 200, flag: false, release: 'r2' };
  expect(await night.stands()).toEqual(after);
}, 1_200_000);

it('data-loss: stopped, restored beside, what is lost is approved, swapped, reported', async () => {
  expect((await project.cli(['backup', project.target], SLOW)).code).toBe(0);
  await night.sql(
    'delete from orders where id <= 100; insert into orders (total) select 1 from generate_series(1, 5)',
  );
  const choice = await night.emergency('data-loss');
  expect(choice.code).toBe(3);
  expect(choice.out).toMatch(
    /done +stop the application.*backup +taken .*0002_text.*data-loss .* --backup ID/s,
  );
  expect(await night.stands()).toMatchObject(STOPPED);

  const asked = await night.emergency('data-loss', '--backup', 'latest');
  expect(asked.code).toBe(3);
  expect(asked.out).toMatch(/What would be lost:.*public\.orders: 5 inserted.*Report, to be completed/s);
  const hash = /--plan ([0-9a-f]{12})/.exec(asked.out)?.[1] ?? 'no plan';
  for (const by of PEOPLE)
    await project.cli(['approve', project.target, '--plan', hash], { ...SLOW, env: { LOCKKEEPER_USER: by } });
  expect((await project.cli(['status', project.target, '--watch'], SLOW)).code).toBe(0);
  expect(await night.stands()).toMatchObject({ rows: 1_000, site: 503, release: 'r2' });

  const { out } = await night.emergency('data-loss', '--report', '1');
  const report = await readFile(out.trim(), 'utf8');
  expect(report).toMatch(/Time line.*stop the application.*swap.*Root cause.*To be filled in/s);
  expect(report).toMatch(/Not in the backup: .*5 inserted/);
  expect(existsSync(night.site.flag)).toBe(true);
  await opened();
}, 400_000);
