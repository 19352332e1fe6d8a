import { readFile, rename, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { Project, until } from '../support/project.js';
import { projectPython } from '../support/servers.js';
import { sight } from '../support/told.js';

const GONE = { id: '0002_gone', up: 'op.drop_column("orders", "total")', down: 'pass' };

let project: Project;

const deploy = (...flags: string[]) => project.cli(['deploy', project.target, '--release', 'r2', ...flags]);
const planIn = (out: string): string => /--plan ([0-9a-f]{12})/.exec(out)?.[1] ?? '';
const approve = (plan: string) =>
  project.cli(['approve', project.target, '--plan', plan], { env: { LOCKKEEPER_USER: 'bo' } });
const toEnd = () => project.cli(['status', project.target, '--watch']);

/** Changes settings of the target in the file, as a person would in an editor. */
async function edit(change: (target: Record<string, Record<string, unknown>>) => void): Promise<void> {
  const path = project.path('lockkeeper.yaml');
  const settings = parse(await readFile(path, 'utf8')) as {
    targets: Record<string, Record<string, Record<string, unknown>>>;
  };
  change(settings.targets[project.target]!);
  await writeFile(path, stringify(settings));
}

describe('a low-risk change of a table that is too large', () => {
  const settings = { automatic: { largestTableGiB: 0.00001 } };
  let shop: Project;
  let plan = '';
  let given = '';
  beforeAll(async () => {
    shop = project = await Project.make({ settings });
    given = await readFile(shop.path('lockkeeper.yaml'), 'utf8');
    await shop.worker();
  });
  beforeEach(async () => {
    project = shop;
    await writeFile(shop.path('lockkeeper.yaml'), given);
    const { code, out } = await deploy('--auto-migrate');
    expect(code).toBe(3);
    expect(out).toMatch(/Not automatic: orders is \d+\.\d KiB, the limit is 10\.5 KiB/);
    plan = planIn(out);
  });
  afterAll(() => shop?.close());

  it('ends before any DDL when settings of the plan are changed meanwhile, and names them', async () => {
    const before = await sight(project.url);
    await edit((target) => (target['alembic']!['tries'] = 3));
    await approve(plan);
    await toEnd();
    const { out } = await project.cli(['report', project.target]);
    expect(out).toMatch(/failed +compare/);
    expect(out).toContain('settings.alembic.tries: was changed');
    expect(out).toContain('The database is unchanged, the release is unchanged.');
    expect(await sight(project.url)).toBe(before);
  });

  it('ends before any DDL when the plan is too old by then', async () => {
    await edit((target) => (target['approval'] = { planAgeMinutes: 0.001 }));
    await approve(plan);
    await toEnd();
    const { out } = await project.cli(['report', project.target]);
    expect(out).toMatch(/error: the plan is .* old, and at most 60 ms are allowed/);
    expect(out).toContain('The database is unchanged, the release is unchanged.');
  });

  it('runs when one person approves, and waits meanwhile for settings that are gone', async () => {
    const check = await project.cli(['check', project.target, '--release', 'r2', '--json']);
    expect(JSON.parse(check.out)).toMatchObject({
      ...{ risk: 'low', approvals: 1 },
      notAutomatic: [expect.stringMatching(/^orders is/)],
    });
    const page = await project.temporal(['workflow', 'metadata', '--workflow-id', project.workflowId]);
    expect(page.out).toContain('Not automatic: orders');

    const path = project.path('lockkeeper.yaml');
    await rename(path, `${path}.away`);
    const input = JSON.stringify({ by: 'bo', plan });
    const signal = ['workflow', 'signal', '--workflow-id', project.workflowId, '--name', 'approve'];
    await project.temporal([...signal, '--input', input]);
    const describe = ['workflow', 'describe', '--workflow-id', project.workflowId, '-o', 'json'];
    const waits = async () => (await project.temporal(describe)).out.includes('"name": "compare"');
    await until(waits, 30_000, 'the step compare', 500);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await waits()).toBe(true);
    await rename(`${path}.away`, path);
    expect((await toEnd()).code).toBe(0);
    expect(await project.running()).toBe('r2');
  });
});

describe('a release that migrates by itself', () => {
  afterEach(() => project?.close());
  const migrates = `cd releases/$LOCKKEEPER_RELEASE && ${projectPython} -m alembic upgrade head`;
  const environment = { DATABASE_URL: '${DATABASE_URL}' };
  const unless = (command: string) => `[ "$LOCKKEEPER_STEP" = put-back ] || (${command})`;

  it('is named, and all is put back, the schema too', async () => {
    const commands = ['printf %s "$LOCKKEEPER_RELEASE" > running', unless(migrates)];
    project = await Project.make({ settings: { deploy: { commands, environment } } });
    await project.worker();
    const before = await sight(project.url);
    const { code, out } = await deploy('--skip-migrate');
    expect(out).toContain(
      'release r2 migrates by itself: the database went from 0001_first to 0002_gifts while it started',
    );
    expect(out).toMatch(/undone +put the release back.*undone +put the schema back/s);
    expect(code).toBe(1);
    expect(await sight(project.url)).toBe(before);
    expect(await project.running()).toBe('r1');
  });

  it('is found out when it does so only once it is up', async () => {
    const later = `nohup sh -c 'sleep 2; ${migrates}; cd -; printf %s "$LOCKKEEPER_RELEASE" > running' >/dev/null 2>&1 &`;
    project = await Project.make({
      settings: { deploy: { commands: [later], environment }, release: {} },
    });
    await project.worker();
    const { out } = await deploy('--skip-migrate');
    expect(out).toMatch(/failed +health.*release r2 migrates by itself/s);
    expect(await sight(project.url)).toMatch(/^0001_first /);
  });

  it('is not taken for one when the schema was migrated before it started', async () => {
    const commands = ['printf %s "$LOCKKEEPER_RELEASE" > running', unless(migrates)];
    project = await Project.make({ settings: { deploy: { commands, environment } } });
    await project.worker();
    expect((await deploy('--auto-migrate')).code).toBe(0);
  });

  it('by no revision is named in the record', async () => {
    const makes = `${projectPython} -c 'import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as c: c.execute("create table jobs (id int)")'`;
    const commands = ['printf %s "$LOCKKEEPER_RELEASE" > running', makes];
    project = await Project.make({ settings: { deploy: { commands, environment } } });
    await project.worker();
    expect(await deploy('--auto-migrate')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/THE SCHEMA CHANGED while it started, by no revision: new: .*jobs/),
    });
  });
});

describe('what could not run is told before people are asked', () => {
  afterEach(() => project?.close());
  it('a window that opens too late', async () => {
    const day = new Date(Date.now() + 4 * 24 * 3_600_000).toUTCString().slice(0, 3);
    project = await Project.make({ settings: { windows: { low: [`${day} 03:00-04:00 UTC`] } } });
    await project.worker();
    const { code, out } = await deploy('--auto-migrate', '--backup');
    expect(out).toMatch(/failed +check/);
    expect(out).toMatch(/error: the next window in which \S+ may be changed opens at \S+ 03:00 UTC/);
    expect(out).toContain('The database is unchanged, the release is unchanged.');
    expect(code).toBe(1);
  });

  it('a very high risk that nobody named asks for', async () => {
    const closure = { flag: 'closed', url: 'http://127.0.0.1:1/' };
    project = await Project.make({ releases: { r2: [GONE] }, settings: { closure } });
    await project.worker();
    await project.temporal([
      ...['workflow', 'execute', '--type', 'deploy', '--task-queue', project.target],
      ...['--workflow-id', project.workflowId, '--fail-existing'],
      ...['--input', JSON.stringify({ target: project.target, release: 'r2' })],
    ]);
    const { out } = await project.cli(['report', project.target]);
    expect(out).toMatch(/failed +check/);
    expect(out).toContain('start again with your name in the input: "requestedBy":"you@example.com"');
  });
});
