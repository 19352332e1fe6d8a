import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { PlanSummary } from '../../src/domain/plan.js';
import { HARMLESS, Project, runProgram, until, type Ran } from '../support/project.js';
import { projectPython } from '../support/servers.js';
import { root } from '../support/test-stack.js';
import { withClient } from '../../src/adapters/postgres/client.js';
import { Site } from '../services/closure/site.js';
import { dropNamed, leftOf } from '../services/restore/support.js';
import { sight } from '../support/told.js';

const NOTE = {
  id: '0002b_note',
  up: 'op.add_column("orders", sa.Column("note", sa.Text()))',
  down: 'op.drop_column("orders", "note")',
};

/** r3's verification fails, and its migration cannot be taken back, as only trying it shows. */
const STUCK = {
  id: '0003_spoilt',
  up: 'op.add_column("orders", sa.Column("spoilt", sa.Text()))',
  down: 'op.drop_index("never_was")',
};

let project: Project;
let blocks: string[];
let site: Site;
beforeAll(async () => {
  site = await Site.open();
  project = await Project.make({
    releases: { r2: [HARMLESS], 'r2.1': [NOTE], r3: [STUCK] },
    settings: {
      release: { running: 'cat running', fetch: ['sleep 5'] },
      alembic: {
        python: projectPython,
        project: 'releases/{release}',
        environment: { DATABASE_URL: '${DATABASE_URL}' },
        waitMinutes: 0.02,
      },
      verify: [
        {
          name: 'no column is called spoilt',
          sql: "select attname from pg_attribute where attname = 'spoilt'",
          rows: 0,
        },
      ],
    },
  });
  await project.worker();
  const page = await readFile(join(root, 'docs', 'temporal-cli.md'), 'utf8');
  blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => asOurs(block!));
});
afterAll(async () => {
  if (project) await dropNamed(project.url, await leftOf(project.url));
  await project?.close();
  await site?.close();
});

/** The page's target and task queue are those of the project. */
const asOurs = (block: string): string =>
  block
    .replaceAll('lockkeeper:shop', project.workflowId)
    .replaceAll('"target":"shop"', `"target":"${project.target}"`)
    .replaceAll("'shop'", `'${project.target}'`)
    .replaceAll('--task-queue lockkeeper', `--task-queue ${project.target}`);

/** The plan that waits: the page has one of its own. */
let plan = '5c1e7ab2';
/** The session that is in the way: the page has one of its own. */
let pid = 4711;

const run = (block: string): Promise<Ran> =>
  runProgram('sh', ['-ec', block.replaceAll('5c1e7ab2', plan).replaceAll('4711', String(pid))], {
    cwd: project.home,
    env: {
      ...project.env,
      PATH: `${dirname(project.servers.tools.temporal)}${delimiter}${process.env['PATH']}`,
    },
    ms: 60_000,
  });

/** The next block of the page. */
async function next(exitCode: number): Promise<string> {
  const block = blocks.shift() ?? 'the page has no more';
  const { code, out, err } = await run(block);
  expect({ block, code, err: code === exitCode ? '' : err }).toEqual({ block, code: exitCode, err: '' });
  return out + err;
}
const answer = (text: string): unknown => (JSON.parse(text) as { queryResult: unknown[] }).queryResult[0];
const runId = (text: string): string => /RunId +(\S+)/.exec(text)?.[1] ?? text;

it('the server is reached', async () => {
  expect(await next(0)).toContain('SERVING');
});

describe('a deploy', () => {
  let first: string;

  it('is started', async () => {
    first = runId(await next(0));
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('a second start is refused by --fail-existing, and only seems to work without it', async () => {
    expect(await next(1)).toMatch(/already running.*lockkeeper:shop-/);
    expect(runId(await next(0))).toBe(first);
  });

  it('is watched', async () => {
    expect(await next(0)).toMatch(/Current Details:\s+## deploy .*fetch release/);
    expect(answer(await next(0))).toMatchObject({
      says: expect.stringMatching(/^deploy of \S+: fetch release\. The database is unchanged/) as unknown,
      ...{
        state: 'fetch release',
        waitsFor: null,
        next: [{ does: expect.stringContaining('end the run') as unknown }],
      },
    });
    expect(answer(await next(0))).toMatchObject({ planHash: null });
    expect(await next(0)).toContain('"kind":"requested"');
    expect(await next(0)).toMatch(/LockkeeperState.*fetch release/);
  });

  it('wrong messages are refused in words', async () => {
    expect(await next(1)).toContain('nothing waits for this: no undo has failed (type: refused');
    expect(await next(1)).toContain('this takes one JSON object');
    expect(await next(0)).toMatch(/"kind":"refused","message":"stop","via":"signal"/);
  });

  it('a refusal by the handler is in the history, and one by the validator is not', async () => {
    const { events } = JSON.parse(await next(0)) as { events: { eventType: string }[] };
    const about = events.filter(({ eventType }) => /UPDATE_|SIGNALED/.test(eventType));
    expect(about.map(({ eventType }) => eventType)).toEqual([
      'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
      'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED',
      'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
    ]);
    const [accepted, completed, signaled] = about.map((event) => JSON.stringify(event));
    expect(accepted).toMatch(/"identity":"temporal-cli:[^"]+@.*"name":"retry"/);
    expect(completed).toMatch(/"failure":\{"message":"nothing waits for this.*"type":"refused"/);
    expect(signaled).toMatch(/"signalName":"stop".*"identity":"temporal-cli:/);
  });

  it('ends well', async () => {
    expect(await next(0)).toMatch(/COMPLETED.*"outcome":"done"/s);
    expect(await project.running()).toBe('r2');
  });
});

it('a backup', async () => {
  expect(await next(0)).toMatch(/COMPLETED.*"outcome":"done"/s);
});

it('a rollback', async () => {
  expect(await next(0)).toMatch(/COMPLETED.*"outcome":"done"/s);
  expect(await project.running()).toBe('r1');
});

describe('a run that waits for a decision', () => {
  it('is found by its state, and says what is decided', async () => {
    await next(0);
    const list = async () => (await run(blocks[0]!)).out;
    await until(async () => (await list()).includes(project.workflowId), 40_000, 'the gate', 500);
    expect(await next(0)).toMatch(/Running +lockkeeper:shop-/);
    expect(answer(await next(0))).toMatchObject({
      says: expect.stringContaining('waiting for a decision, a person chooses, until ') as unknown,
      waitsFor: { what: 'decision', manual: true },
    });
    const summary = answer(await next(0)) as PlanSummary;
    expect(summary).toMatchObject({ risk: 'low', revisions: 1, release: 'r2', running: 'r1' });
    expect(summary.rollback[0]).toBe('deploy release r1 again');
    plan = summary.planHash.slice(0, 8);
  });

  it('is read in pages, and nothing else is', async () => {
    const read = await next(0);
    expect(read).toContain('0002_gifts');
    expect(read).toContain('ALTER TABLE orders ADD COLUMN gift_note');
    expect(await next(1)).toContain('and no path; got');
  });

  it('goes on when a person chooses the plan that waits', async () => {
    expect(await next(1)).toContain('ffffffff is not the plan that waits');
    expect(await next(0)).toMatch(/the run goes on|it goes on.*"outcome":"done"/s);
    expect(await project.running()).toBe('r2');
  });
});

it('a restore waits for two people, and is approved with the hash that its page shows', async () => {
  await next(0);
  const page = () => project.temporal(['workflow', 'metadata', '--workflow-id', project.workflowId]);
  await until(async () => (await page()).out.includes('### Yes or no, until'), 40_000, 'the gate', 500);
  const { out } = await page();
  expect(out).toContain('**What would be lost**');
  plan = /"plan":"([0-9a-f]{12})"/.exec(out)?.[1] ?? '';
  expect(await next(0)).toMatch(/1 more needed.*it goes on.*COMPLETED.*"outcome":"done"/s);
  expect(await project.running()).toBe('r2');
});

it('a run that is cancelled changes nothing, and is not shown as done', async () => {
  const before = await sight(project.url);
  await next(0);
  expect(await next(1)).toContain('CANCELED');
  expect(await sight(project.url)).toBe(before);
});

it('a migration that others keep from its lock waits for a person, who has the session in the way ended', async () => {
  await withClient(project.url, { applicationName: 'reader' }, async (reader) => {
    await reader.query('BEGIN');
    await reader.query('SELECT count(*) FROM orders');
    pid = (await reader.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;
    await next(0);
    await until(
      async () => (await run(blocks[0]!)).out.includes(project.workflowId),
      90_000,
      'the list',
      500,
    );
    expect(await next(0)).toMatch(/Running +lockkeeper:shop-/);
    expect(answer(await next(0))).toMatchObject({
      state: 'blocked',
      waitsFor: { what: 'blocked', blocked: { holders: [{ pid, application: 'reader' }] } },
      stands: { database: 'unchanged' },
    });
    expect(await next(1)).toContain('no window is set for changes of low risk');
    expect(await next(0)).toMatch(new RegExp(`ending pid ${pid}, and trying again.*"outcome":"done"`, 's'));
  });
  expect(await project.running()).toBe('r2.1');
});

it('a run whose undo fails waits, is found by its state, and is moved on by a person only', async () => {
  await next(0);
  const record = async () => (await project.cli(['status', '--json'])).out;
  await until(async () => (await record()).includes('"outcome": "repair"'), 40_000, 'the gate', 500);
  await until(async () => (await run(blocks[0]!)).out.includes(project.workflowId), 20_000, 'the list', 500);
  expect(await next(0)).toMatch(/Running +lockkeeper:shop-/);
  expect(await next(0)).toContain('trying the undo again');
  await until(async () => (await record()).includes('"outcome": "repair"'), 40_000, 'the gate again', 500);
  expect(await next(0)).toContain('ending the run as it is');
  const ended = await project.cli(['status', '--watch', '--json']);
  expect(JSON.parse(ended.out)).toMatchObject({ outcome: 'needs operator' });
  expect((await project.cli(['report'])).out).toMatch(
    /because verify failed:.*no column is called spoilt.*said stop \(update\): dropped the column.*error: .*never_was/s,
  );
});

it('a site is closed, and opened again', async () => {
  await site.serve(site.snippet({ target: project.target }));
  await project.configure({ closure: { flag: site.flag, url: site.url, waitSeconds: 1 } });
  await next(0);
  const closed = async () =>
    (await site.ask()).status === 503 && (await run(blocks[0]!)).out.includes('disks');
  await until(closed, 20_000, 'the closed site', 500);
  expect(await next(0)).toContain('a look at the disks');
  expect(await next(0)).toContain('open; it was closed for');
  expect((await site.ask()).status).toBe(200);
});

it('a schedule is shown, paused, triggered and resumed', async () => {
  const { pgBin } = project.servers.tools;
  const nightly = { do: 'backup', cron: '15 2 * * *', note: 'every night' };
  await project.configure({ schedules: { nightly }, backup: { tools: pgBin } });
  expect((await project.cli(['schedule', 'apply'])).out).toMatch(/^created +lockkeeper:/);
  const id = `${project.workflowId}:nightly`;
  await until(async () => (await run(blocks[0]!)).out.includes(id), 20_000, 'the list', 500);
  expect(await next(0)).toContain(id);
  expect(await next(0)).toMatch(/scheduled/);
  await next(0);
  expect((await project.cli(['schedule', 'list'])).out).toMatch(/15 2 \* \* \* UTC +PAUSED: moving house/);
  await next(0);
  await next(0);
  expect((await project.cli(['schedule', 'list'])).out).toMatch(/15 2 \* \* \* UTC +\d{4}-.* 02:15 UTC/);
  await until(
    async () => (await project.cli(['schedule', 'describe'])).out.includes('lockkeeper-scheduled:'),
    20_000,
    'the run',
    500,
  );
  await project.cli(['status', '--watch']);
  await project.temporal(['schedule', 'delete', '--schedule-id', id]);
});

it('runs are found, and nothing on the page is left untried', async () => {
  await until(async () => /Failed.*Completed/s.test((await run(blocks[0]!)).out), 20_000, 'the list', 500);
  expect(await next(0)).toMatch(/Failed +lockkeeper:shop-.*Completed +lockkeeper:shop-/s);
  expect(blocks).toEqual([]);
});

it('a run under another id is refused, with the command that would have been right', async () => {
  const start = [
    'workflow',
    'execute',
    '--type',
    'deploy',
    '--task-queue',
    project.target,
    '--workflow-id',
    `mine-${project.target}`,
  ];
  const { code, out, err } = await project.temporal([...start, '--input', `{"target":"${project.target}"}`]);
  expect(code).toBe(1);
  expect(out + err).toContain(`start it with --workflow-id ${project.workflowId} --fail-existing`);
  const misspelt = await project.temporal([
    ...start,
    '--input',
    `{"target":"${project.target}","relase":"r2"}`,
  ]);
  expect(misspelt.out + misspelt.err).toContain('unknown: relase; known are target, release');
});
