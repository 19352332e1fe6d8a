import { withClient, type Client } from '../../src/adapters/postgres/client.js';
import { Project, until } from '../support/project.js';
import { projectPython } from '../support/servers.js';

const NOTE = {
  id: '0002_note',
  up: 'op.add_column("orders", sa.Column("note", sa.Text()))',
  down: 'op.drop_column("orders", "note")',
};

const alembic = {
  ...{
    python: projectPython,
    project: 'releases/{release}',
    environment: { DATABASE_URL: '${DATABASE_URL}' },
  },
  waitMinutes: 0.02,
};

let project: Project;
beforeEach(async () => {
  project = await Project.make({ releases: { r2: [NOTE] }, settings: { alembic } });
  await project.worker();
});
afterEach(() => project?.close());

const deploy = () => ['deploy', project.target, '--release', 'r2', '--auto-migrate'];
const as = (by: string) => ({ env: { LOCKKEEPER_USER: by } });
const columns = async (): Promise<string[]> =>
  withClient(project.url, { applicationName: 'test' }, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped`,
    );
    return rows.map(({ name }) => name);
  });

/** Does it while somebody keeps a transaction open that has read the table. */
const whileRead = <T>(act: (reader: Client, pid: number) => Promise<T>): Promise<T> =>
  withClient(project.url, { applicationName: 'reader' }, async (reader) => {
    await reader.query('BEGIN');
    await reader.query('SELECT count(*) FROM orders');
    const { rows } = await reader.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return act(reader, rows[0]!.pid);
  });

it('a blocker: the CLI ends with 3 and says who it is; the application is not kept waiting; when it has gone, wait goes on', async () => {
  await whileRead(async (reader, pid) => {
    const started = await project.cli(deploy());
    expect(started.code).toBe(3);
    expect(started.out).toMatch(
      new RegExp(`In the way:\\n +pid ${pid}, .*application reader, idle in transaction`),
    );
    expect(started.out).toContain(`lockkeeper choose cancel ${project.target} --pid ${pid}`);

    await withClient(project.url, { applicationName: 'app' }, async (app) => {
      await app.query('SET statement_timeout = 500');
      await app.query('UPDATE orders SET total = total WHERE id = 1'); // nobody stands in the queue
    });
    const nobody = await project.cli(['choose', 'window', project.target], as('bo'));
    expect(nobody.code).toBe(1);
    expect(nobody.err).toContain('no window is set for changes of low risk');
    const larger = await project.cli(['choose', 'budget', project.target, '--ms', '6000'], as('bo'));
    expect(larger.out).toContain('others may wait for 6.0 s in all; trying again');
    const again = async () => (await project.cli(['status', project.target])).out;
    await until(async () => (await again()).includes(' of 6.0 s in all.'), 30_000, 'the gate again', 300);
    const plan = await project.cli(['approve', project.target], as('bo'));
    expect(plan.err).toContain('its migration waits for a lock that others hold');
    await reader.query('COMMIT');
  });
  expect((await project.cli(['choose', 'wait', project.target], as('bo'))).out).toContain('trying again');
  expect((await project.cli(['status', project.target, '--watch'])).code).toBe(0);
  expect(await columns()).toContain('note');
  const { out } = await project.cli(['report', project.target]);
  expect(out).toMatch(/blocked: revision 0002_note needs ACCESS EXCLUSIVE on .*held by pid \d+ .*reader/);
  expect(out).toContain('bo said choose (update): wait');
  expect(out).toContain('choose of bo was refused: no window is set for changes of low risk');
});

it('given up, everything is as it was', async () => {
  await whileRead(async () => {
    expect((await project.cli(deploy())).code).toBe(3);
    const gave = await project.cli(['choose', 'give-up', project.target, '--note', 'later'], as('bo'));
    expect(gave.out).toContain('giving up: what was done is undone');
    await project.cli(['status', project.target, '--watch']);
  });
  expect(await columns()).not.toContain('note');
  expect(await project.record()).toMatchObject({ outcome: 'undone' });
  expect((await project.cli(['report', project.target])).out).toContain('lock-blocked');
});

it('the CLI ends exactly the session that is named', async () => {
  await whileRead(async (_, pid) => {
    expect((await project.cli(deploy())).code).toBe(3);
    const ended = await project.cli(['choose', 'cancel', project.target, '--pid', String(pid)], as('bo'));
    expect(ended.out).toContain(`ending pid ${pid}`);
    await until(async () => (await project.record()).outcome === 'done', 60_000, 'the end');
  });
  expect(await columns()).toContain('note');
});

it('what is not there to choose is wrong use', async () => {
  const odd = await project.cli(['choose', 'hope', project.target]);
  expect(odd.code).toBe(2);
  expect(odd.err).toContain('choose takes one of wait, budget, cancel, window, give-up; got hope');
  expect((await project.cli(['choose', 'wait', project.target, '--ms', '5'])).code).toBe(2);
});

it('lockkeeper watch works without Temporal, once and as JSON', async () => {
  await whileRead(async (_, pid) => {
    const { code, out } = await project.cli(['watch', project.target, '--once']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Active sessions: 1\\n.*\\n +${pid} .*reader +idle in transaction`));
    const json = await project.cli(['watch', project.target, '--once', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({
      schemaVersion: 1,
      sample: { sessions: [{ pid }], waits: [] },
    });
  });
});

it('while it waits for its lock, status says for whom, and that nobody waits behind it', async () => {
  await project.configure({ alembic: { ...alembic, waitMinutes: 5 } });
  await whileRead(async (reader, pid) => {
    await project.cli([...deploy(), '--detach']);
    const said = async () => (await project.cli(['status', project.target])).out;
    await until(async () => (await said()).includes('Now: '), 60_000, 'what it does', 500);
    const words = new RegExp(
      `Now: revision 0002_note: waits for ACCESS EXCLUSIVE on \\S*orders.*nobody behind it.*pid ${pid}`,
    );
    await until(async () => words.test(await said()), 60_000, 'for whom it waits', 500);
    await reader.query('COMMIT');
  });
  expect((await project.cli(['status', project.target, '--watch'])).code).toBe(0);
  expect(await columns()).toContain('note');
});

/** Its transaction holds the lock on the table while Python does something else, as steps that change data do. */
const SLOW = {
  id: '0002_slow',
  up: `op.add_column("orders", sa.Column("note", sa.Text()))
    __import__("time").sleep(20)`,
  down: 'op.drop_column("orders", "note")',
};

it('one that keeps the application waiting for longer than its budget is stopped, and all is as before', async () => {
  const slow = await Project.make({ releases: { r2: [SLOW] } });
  try {
    await slow.worker();
    const ran = slow.cli(['deploy', slow.target, '--release', 'r2', '--auto-migrate']);
    let over = false;
    const longest = withClient(slow.url, { applicationName: 'app' }, async (app) => {
      let ms = 0;
      for (; !over; await new Promise((resolve) => setTimeout(resolve, 50))) {
        const began = performance.now();
        await app.query('UPDATE orders SET total = total WHERE id = 1');
        ms = Math.max(ms, performance.now() - began);
      }
      return ms;
    });
    const { out, code } = await ran;
    over = true;
    expect(out).toMatch(
      /the migration was stopped: others waited 1\.\d s for its locks, and 1\.0 s are approved/,
    );
    expect(code).toBe(1);
    expect(await longest).toBeGreaterThan(1_000);
    expect(await longest).toBeLessThan(8_000); // 2 s where the machine has nothing else to do
    const record = await slow.record();
    expect(record.outcome).toBe('undone');
    expect((await slow.cli(['report', slow.target])).out).toContain('others-wait-too-long');
  } finally {
    await slow.close();
  }
});
