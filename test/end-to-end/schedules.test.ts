import { jest } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { readFile } from 'node:fs/promises';
import { HARMLESS, Project, until } from '../support/project.js';
import { SchedulePage } from '../support/web-ui-schedules.js';

/** Schedules on a real server, with a worker that runs what they start. */
jest.setTimeout(120_000);

/** An index on a table that is in use: medium, so that the run waits for a person. */
const INDEX = {
  id: '0003_by_total',
  up: `with op.get_context().autocommit_block():
        op.create_index("by_total", "orders", ["total"], postgresql_concurrently=True)`,
  down: `with op.get_context().autocommit_block():
        op.drop_index("by_total", postgresql_concurrently=True)`,
};

const often = { do: 'backup', every: '4s', catchUp: '10s', waitMinutes: 0, note: 'now and then' };
const drill = { do: 'drill', cron: '30 3 * * sun', timeZone: 'Europe/Berlin', jitter: '10m' };
const told = 'printf "%s %s\\n" "$LOCKKEEPER_EVENT" "$LOCKKEEPER_TEXT" >> told';

let project: Project;
let client: Client;
beforeAll(async () => {
  project = await Project.make({ releases: { r2: [HARMLESS, INDEX] } });
  await project.worker();
  client = new Client({
    connection: await Connection.connect({ address: project.servers.temporal.address }),
  });
});
afterAll(async () => {
  await configure({});
  await project.cli(['schedule', 'apply']);
  await client.connection.close();
  await project.close();
});

const configure = (schedules: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  project.configure({
    schedules,
    backup: { tools: project.servers.tools.pgBin, ...more },
    notify: [{ command: told, events: ['backup-failed', 'backup-overdue'] }],
  });
const idOf = (name: string) => `lockkeeper:${project.target}:${name}`;
const describe_ = (name: string) => client.schedule.getHandle(idOf(name)).describe();

interface Applied {
  schedules: { id: string; did: string; says: string }[];
}
const apply = async (): Promise<[string, string, string][]> => {
  const { out, err, code } = await project.cli(['schedule', 'apply', '--json']);
  if (code !== 0) throw new Error(err + out);
  const { schedules } = JSON.parse(out) as Applied;
  return schedules.map(({ id, did, says }) => [id.split(':')[2] ?? '', did, says]);
};

/** What the runs of a schedule came to, the oldest first; of one that failed, the words. */
async function results(name: string): Promise<{ outcome: string; says: string; backups?: string }[]> {
  const { info } = await describe_(name);
  const runs = info.recentActions.map(({ action: { workflow } }) =>
    client.workflow.getHandle(workflow.workflowId, workflow.firstExecutionRunId),
  );
  const ended = await Promise.all(
    runs.map(async (run) => ((await run.describe()).status.name === 'RUNNING' ? undefined : run)),
  );
  return Promise.all(
    ended
      .filter((run) => run !== undefined)
      .map((run) =>
        (run.result() as Promise<{ outcome: string; says: string }>).catch((error: Error) => ({
          outcome: 'failed',
          says: (error.cause as Error | undefined)?.message ?? error.message,
        })),
      ),
  );
}

it('apply makes them once: applied again nothing changes, and what does is said', async () => {
  await configure({ often: { ...often, every: '1h' }, drill });
  expect(await apply()).toEqual([
    ['often', 'created', 'backup, every 1h'],
    ['drill', 'created', 'drill, 30 3 * * 0 Europe/Berlin'],
  ]);
  const before = await describe_('drill');
  expect(await apply()).toEqual([
    ['often', 'unchanged', ''],
    ['drill', 'unchanged', ''],
  ]);
  expect((await describe_('drill')).info.lastUpdatedAt).toEqual(before.info.lastUpdatedAt);

  await configure({ often, drill: { ...drill, catchUp: '2d', pauseOnFailure: true } });
  expect(await apply()).toEqual([
    ['often', 'updated', 'interval: every 1h → every 4s'],
    ['drill', 'updated', 'catch-up window: 6h → 2d; pause on failure: false → true'],
  ]);
  const { policies, spec, state } = await describe_('drill');
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 172_800_000, pauseOnFailure: true });
  expect([spec.timezone, spec.jitter, state.note]).toEqual(['Europe/Berlin', 600_000, '']);
});

it('it runs by itself, three times and more, each time a backup', async () => {
  await until(async () => (await results('often')).length >= 3, 90_000, 'three runs', 500);
  expect((await results('often')).slice(0, 3)).toEqual(
    Array(3).fill({ outcome: 'done', says: 'backup done', backups: 'not proven' }),
  );
  const { out } = await project.cli(['backup', '--list', '--json']);
  expect((JSON.parse(out) as { backups: unknown[] }).backups.length).toBeGreaterThanOrEqual(3);
});

it('pause, resume and trigger; a schedule that is paused stays so when it is applied', async () => {
  expect((await project.cli(['schedule', 'pause', project.target, 'often'])).out).toMatch(/^paused: /);
  await configure({ often: { ...often, every: '2h' }, drill });
  expect((await apply())[0]).toEqual([
    'often',
    'updated',
    'interval: every 4s → every 2h; paused: paused by ana@example.com',
  ]);
  expect((await describe_('often')).state).toMatchObject({ paused: true });
  expect((await project.cli(['schedule', 'list'])).out).toMatch(
    /often +backup +every 2h +PAUSED: paused by ana@example.com/,
  );
  await project.cli(['schedule', 'resume', project.target, 'often']);
  const before = (await describe_('often')).info.numActionsTaken;
  expect((await project.cli(['schedule', 'trigger', project.target, 'often'])).out).toMatch(/^triggered/);
  await until(async () => (await describe_('often')).info.numActionsTaken > before, 20_000, 'a run');
  expect((await project.cli(['schedule', 'describe', project.target, 'often'])).out).toMatch(
    /when +every 2h\n.*state +active: resumed by ana.*next .* UTC.*ran +\d{4}/s,
  );
});

it('the Web UI shows it, pauses it with a reason, and triggers it', async () => {
  const ui = await SchedulePage.open(project.servers.temporal.uiUrl);
  try {
    const page = await ui.visit(idOf('often'));
    await ui.picture('11-schedule');
    expect(page).toMatch(/RUNNING.*often.*scheduled.*lockkeeper-scheduled:shop\S+:often.*"do":\s*"backup"/s);
    await ui.pause('moving house');
    await until(async () => (await describe_('often')).state.paused, 10_000, 'the pause', 200);
    expect((await project.cli(['schedule', 'list', project.target])).out).toMatch(/PAUSED: .*moving house/);

    const before = (await describe_('often')).info.numActionsTaken;
    await ui.visit(idOf('often'));
    await ui.trigger();
    await until(
      async () => (await describe_('often')).info.numActionsTaken > before,
      20_000,
      'the run that the Web UI asked for',
      200,
    );
    expect(await ui.visit(idOf('often'))).toMatch(/PAUSED.*moving house/s);
    await ui.picture('14-schedule-paused');
    await until(async () => !(await describe_('often')).info.runningActions.length, 60_000, 'its end', 300);
    expect((await results('often')).at(-1)).toMatchObject({ outcome: 'done', says: 'backup done' });
  } finally {
    await ui.close();
  }
  await project.cli(['schedule', 'resume', project.target, 'often']);
});

it('a drill proves the newest backup, and says how long a restore takes', async () => {
  await until(async () => (await results('often')).every(({ outcome }) => outcome), 30_000, 'the end', 500);
  const ran = await project.cli(['drill', project.target, '--json']);
  expect(ran.code).toBe(0);
  const { out } = await project.cli(['backup', '--list']);
  expect(out).toMatch(/proved \d{4}-\d\d-\d\d \d\d:\d\d \(L4, restored in /);
  const report = await project.cli(['report', project.target]);
  const read = await project.cli(['backup', 'prove', project.target, '--level', 'L2']);
  expect(read.code).toBe(0);
  expect(report.out).toMatch(
    /restore and compare.*restored in .*equal to its manifest to the row; no closure is planned.*0 checks passed, 1 check left out/,
  );
});

it('backups that the settings let go are deleted, never the proven one', async () => {
  const tidy = { do: 'expire', every: '9h' };
  await configure({ often: { ...often, every: '2h' }, tidy }, { keep: { last: 1 } });
  await apply();
  await project.cli(['schedule', 'trigger', project.target, 'tidy']);
  await until(async () => (await results('tidy')).length > 0, 60_000, 'the end of it', 300);
  expect((await results('tidy')).at(-1)).toMatchObject({ outcome: 'done', backups: 'proven' });
  const report = await project.cli(['report', project.target]);
  expect(report.out).toMatch(/let backups go.*\d+ backups? deleted: .*\d backups? kept/);
});

describe('it meets a change that waits for people', () => {
  it('and is skipped, and says so; or it waits, and begins when that is over', async () => {
    await configure({ often: { ...often, every: '2h' }, later: { ...often, every: '3h', waitMinutes: 2 } });
    await apply();
    await project.cli(['deploy', project.target, '--release', 'r2', '--auto-migrate', '--detach']);
    const change = client.workflow.getHandle(project.workflowId);
    const outcome = async () => (await change.query<{ outcome: string }>('record')).outcome;
    await until(async () => (await outcome()) === 'waiting', 60_000, 'the gate', 300);

    const before = (await results('often')).length;
    for (const name of ['often', 'later']) await project.cli(['schedule', 'trigger', project.target, name]);
    await until(async () => (await results('often')).length > before, 30_000, 'the end of it', 300);
    expect((await results('often')).at(-1)).toMatchObject({
      outcome: 'skipped',
      says: `skipped: ${project.workflowId} was at work all the time`,
    });
    const [waiting] = (await describe_('later')).info.runningActions;
    const metadata = await project.temporal([
      ...['workflow', 'metadata', '--workflow-id', waiting!.workflow.workflowId],
    ]);
    expect(metadata.out).toMatch(/backup of shop\S+ \(later\): waiting/);

    await project.cli(['reject', project.target, '--note', 'not now', '--plan', await planOf(change)]);
    await until(async () => (await results('later')).length > 0, 60_000, 'the end of it', 300);
    expect((await results('later')).at(-1)).toMatchObject({ outcome: 'done', says: 'backup done' });
  });

  const planOf = async (run: { query: <T>(name: string) => Promise<T> }): Promise<string> =>
    (await run.query<{ planHash: string }>('plan')).planHash.slice(0, 12);
});

it('alarms: what failed, and a proven backup that is too old, to whom it concerns and as search attribute', async () => {
  await configure(
    { often: { ...often, every: '2h' }, later: { ...often, every: '3h' } },
    { tools: '/nowhere', alarmAfterHours: 0.0001 },
  );
  const before = (await results('often')).length;
  await project.cli(['schedule', 'trigger', project.target, 'often']);
  await until(async () => (await results('often')).length > before, 60_000, 'the end of it', 300);
  expect((await results('often')).at(-1)).toMatchObject({
    outcome: 'failed',
    says: expect.stringMatching(/\/nowhere\/pg_dump/),
  });
  const lines = (await readFile(project.path('told'), 'utf8')).split('\n');
  expect(lines[0]).toMatch(
    /^backup-failed shop\S+: the scheduled backup "often" failed: .*\/nowhere\/pg_dump/,
  );
  expect(lines[1]).toMatch(
    /^backup-overdue shop\S+: the newest proven backup, .* old, and 0\.0001 h are allowed/,
  );
  const overdue = `LockkeeperBackups = "overdue" AND LockkeeperTarget = "${project.target}"`;
  await until(
    async () => (await client.workflow.count(overdue)).count > 0,
    20_000,
    'the search attribute',
    300,
  );
});

async function listed(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) ids.push(scheduleId);
  return ids.filter((id) => id.startsWith(idOf(''))).sort();
}

it('what the settings no longer have is removed when it is ours, and only then', async () => {
  await client.schedule.create({
    scheduleId: idOf('by-hand'),
    spec: { intervals: [{ every: '30d' }] },
    action: { type: 'startWorkflow', workflowType: 'read', taskQueue: project.target },
  });
  await configure({ drill });
  // Temporal lists what is new a moment later.
  await until(async () => (await listed()).includes(idOf('by-hand')), 20_000, 'the list', 500);
  expect((await apply()).map(([name, did]) => [name, did])).toEqual([
    ['drill', 'created'],
    ['later', 'removed'],
    ['often', 'removed'],
  ]);
  await until(async () => (await listed()).length === 2, 20_000, 'their end', 500);
  expect(await listed()).toEqual([idOf('by-hand'), idOf('drill')]);
  await client.schedule.getHandle(idOf('by-hand')).delete();
});
