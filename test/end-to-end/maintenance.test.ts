import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Site } from '../services/closure/site.js';
import { Project, runProgram, until } from '../support/project.js';
import { projectPython } from '../support/servers.js';

/** A rewrite under a strong lock: high risk, and the site is closed for it. */
const REWRITE = {
  id: '0002_text',
  up: 'op.execute("alter table orders alter column total type text")',
  down: 'op.execute("alter table orders alter column total type numeric using total::numeric")',
};
const NUMBERED = {
  id: '0003_numbered',
  up: 'op.execute("alter table orders add column number serial")',
  down: 'op.execute("alter table orders drop column number")',
};
/** One second, so that a test sees an alarm and its repetition. */
const SECOND = 1 / 60;

describe('maintenance, by whomever and however', () => {
  let project: Project;
  let site: Site;
  beforeAll(async () => {
    site = await Site.open();
    project = await Project.make({ releases: { r2: [REWRITE], r3: [NUMBERED] } });
    await site.serve(site.snippet({ target: project.target }));
    await configure();
    await project.worker();
  });
  afterAll(async () => {
    await project?.close();
    await site?.close();
  });

  const configure = (more: Record<string, unknown> = {}) =>
    project.configure({
      notify: [{ command: 'echo "$LOCKKEEPER_EVENT $LOCKKEEPER_TEXT" >> told' }],
      verify: [{ name: 'all orders are there', sql: 'select count(*) from orders', unchanged: true }],
      closure: {
        flag: site.flag,
        url: site.url,
        waitSeconds: 1,
        alarmEveryMinutes: SECOND,
        ...more,
      },
    });
  const alarm = () => `${project.workflowId}:maintenance`;
  const told = () => readFile(project.path('told'), 'utf8').catch(() => '');
  const status = async () => (await site.ask()).status;
  const say = (id: string, name: string, input: unknown) =>
    project.temporal([
      'workflow',
      'update',
      'execute',
      '-w',
      id,
      '--name',
      name,
      '-i',
      JSON.stringify(input),
    ]);
  const show = (id: string) => project.temporal(['workflow', 'describe', '-w', id, '-o', 'json']);
  const as = (by: string) => ({ env: { LOCKKEEPER_USER: by } });
  const hashIn = (out: string) => /--plan ([0-9a-f]{12})/.exec(out)?.[1] ?? 'no plan';
  const approve = (out: string) => project.cli(['approve', project.target, '--plan', hashIn(out)], as('bo'));
  const watch = () => project.cli(['status', project.target, '--watch'], { ms: 60_000 });

  it('from Temporal alone: closed, an alarm when it lasts too long, a new worker goes on with it, opened', async () => {
    const input = { target: project.target, requestedBy: 'ana', reason: 'a look', minutes: 2 * SECOND };
    const args = ['--type', 'maintenance', '-w', alarm(), '--task-queue', project.target];
    await project.temporal(['workflow', 'start', ...args, '-i', JSON.stringify(input)]);
    await until(async () => (await status()) === 503, 15_000, 'the closed site');
    await until(
      async () => /closure-overdue .*CLOSED|closure-overdue .*OVERDUE/.test(await told()),
      15_000,
      'an alarm',
    );
    expect((await show(alarm())).out).toContain(Buffer.from('"overdue"').toString('base64'));

    const before = (await told()).split('\n').length;
    await project.stopWorkers();
    await project.worker();
    await until(async () => (await told()).split('\n').length > before, 40_000, 'the next alarm');

    const nameless = await say(alarm(), 'maintenance', { turn: 'off' });
    expect(nameless.err).toContain('say who you are');
    const opened = await say(alarm(), 'maintenance', { by: 'bo', turn: 'off' });
    expect(opened.out).toContain('open; it was closed for');
    expect(await status()).toBe(200);
    const isOver = async () => /COMPLETED/i.test((await show(alarm())).out);
    await until(isOver, 15_000, 'the end of the alarm');
  }, 120_000);

  it('a high-risk run works in a closure by hand, and leaves it closed', async () => {
    const on = await project.cli([
      'maintenance',
      'on',
      project.target,
      '--reason',
      'tonight',
      '--minutes',
      '9',
    ]);
    expect(on.code).toBe(0);
    expect(on.out).toContain('the alarm is set');
    const started = await project.cli(['deploy', project.target, '--release', 'r2', '--auto-migrate']);
    expect((await approve(started.out)).out).toContain('approved');
    const watched = await watch();
    expect(watched.code).toBe(0);
    const { out } = await project.cli(['report', project.target]);
    expect(out).toMatch(/maintenance on .*closed by ana@example.com by hand already/);
    expect(out).toMatch(/The site is CLOSED\. The database is changed, the release is changed\./);
    expect(await status()).toBe(503);
    expect((await project.cli(['maintenance', 'off', project.target])).code).toBe(0);
    expect(await status()).toBe(200);
  }, 120_000);

  it('while a run waits for people: closed and opened by messages to the run', async () => {
    const started = await project.cli(['deploy', project.target, '--release', 'r3', '--manual-migrate']);
    expect(started.code).toBe(3);
    const closed = await say(project.workflowId, 'maintenance', {
      by: 'bo',
      turn: 'on',
      reason: 'first a look',
    });
    expect(closed.out).toContain('writers are stopped');
    expect(await status()).toBe(503);
    const signal = { by: 'bo', turn: 'off' };
    await project.temporal([
      ...['workflow', 'signal', '-w', project.workflowId, '--name', 'maintenance'],
      ...['-i', JSON.stringify(signal)],
    ]);
    await until(async () => (await status()) === 200, 15_000, 'the open site');
    await project.cli(['reject', project.target, '--plan', hashIn(started.out)], as('bo'));
    await until(async () => (await project.record()).outcome === 'rejected', 15_000, 'the end');
    const { out } = await project.cli(['report', project.target]);
    expect(out).toMatch(/bo said maintenance \(update\): on; first a look/);
    expect(out).toMatch(/bo said maintenance \(signal\): off/);
    expect(out).toContain('The database is unchanged');
  }, 90_000);

  it('terminated while the site is closed: the next run finds it, asks, takes it over and opens it', async () => {
    await configure({ stop: ['sleep 20'] });
    const started = await project.cli(['deploy', project.target, '--release', 'r3', '--auto-migrate']);
    expect((await approve(started.out)).out).toContain('approved');
    await until(() => existsSync(site.flag), 30_000, 'the closed site');
    const why = ['--reason', 'a click in the Web UI'];
    await project.temporal(['workflow', 'terminate', '-w', project.workflowId, ...why]);
    await configure();
    expect((await project.cli(['status', project.target])).out).toContain('is closed for');

    const next = await project.cli(['deploy', project.target, '--release', 'r2', '--skip-migrate']);
    expect(next.code).toBe(4);
    expect(next.out).toMatch(/found: run .* was ended from outside in the middle of closeSite/);
    expect(next.out).toMatch(/found: the site is still closed for .*that run came to no end/);
    expect(next.out).toContain(`lockkeeper retry ${project.target}`);
    expect(await status()).toBe(503);
    await project.cli(['retry', project.target]);
    expect((await watch()).code).toBe(0);
    expect(await project.record()).toMatchObject({ outcome: 'done' });
    expect(await status()).toBe(200);
    expect(existsSync(site.flag)).toBe(false);
  }, 120_000);

  it('the high-risk sequence typed by hand: closed, backed up, migrated, deployed without migration, opened', async () => {
    const typed = async (...args: string[]) => {
      const { code, out, err } = await project.cli(args);
      expect({ code, said: code === 0 ? '' : out + err }).toEqual({ code: 0, said: '' });
    };
    await typed('maintenance', 'on', project.target, '--reason', 'by hand');
    await typed('backup', project.target);
    const alembic = await runProgram(projectPython, ['-m', 'alembic', 'upgrade', 'head'], {
      ...{ cwd: project.path('releases', 'r3'), env: { DATABASE_URL: project.url }, ms: 60_000 },
    });
    expect(alembic.code).toBe(0);
    await typed('deploy', project.target, '--release', 'r3', '--skip-migrate');
    expect(await project.running()).toBe('r3');
    expect(await status()).toBe(503);
    await typed('maintenance', 'off', project.target);
    expect(await status()).toBe(200);
  }, 90_000);
});
