import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HARMLESS, Project, runProgram, type Ran } from '../support/project.js';
import { root } from '../support/test-stack.js';
import { cliFile, sight, told } from '../support/told.js';

const NEXT = {
  id: '0003_notes',
  up: 'op.add_column("orders", sa.Column("note", sa.Text()))',
  down: 'op.drop_column("orders", "note")',
};

/** The scripts of the runbook, called as it says, in the folder of the settings. */
let project: Project;
beforeAll(async () => {
  project = await Project.make({
    releases: { r2: [HARMLESS], r3: [NEXT] },
    settings: { release: { running: 'cat running', next: 'cat next' } },
  });
  await project.worker();
});
afterAll(() => project?.close());

const script = (name: string, ...args: string[]): Promise<Ran> =>
  runProgram(join(root, 'scripts', name), args, {
    cwd: project.home,
    env: { ...project.env, LOCKKEEPER: `${process.execPath} ${cliFile}` },
    ms: 100_000,
  });
const next = (release: string) =>
  runProgram('sh', ['-c', `printf %s ${release} > next`], { cwd: project.home, env: {}, ms: 5_000 });
const backups = () => readdir(project.path('.lockkeeper', 'backups', project.target)).catch(() => []);
const dumps = async () => (await backups()).filter((name) => name.endsWith('.dump')).length;

it('migration-check.sh: says what would run and changes nothing', async () => {
  await next('r2');
  const before = await sight(project.url);
  const ran = await script('migration-check.sh');
  expect(ran.code).toBe(0);
  expect(told(project, ran)).toMatch(/r1 → r2.*2 of 2 statements analysed.*Nothing was changed/s);
  expect(await script('migration-check.sh', '--fail-on', 'low')).toMatchObject({ code: 1 });
  expect(await sight(project.url)).toBe(before);
});

it('deploy.sh --manual-migrate --backup: backs up, and stops at a gate where a person chooses', async () => {
  const before = await sight(project.url);
  const ran = await script('deploy.sh', '--manual-migrate', '--backup');
  expect(ran.code).toBe(3);
  expect(told(project, ran)).toMatch(/done {4}back up.*A person must choose until .* UTC:/s);
  const plan = /--plan ([0-9a-f]{12})/.exec(ran.out)?.[1] ?? '';
  await project.cli(['approve', project.target, '--plan', plan, '--choice', 'end']);
  await project.cli(['status', project.target, '--watch']);
  expect(await sight(project.url)).toBe(before);
});

it('deploy.sh --backup without a mode: only backs up', async () => {
  const before = await sight(project.url);
  const ran = await script('deploy.sh', '--backup');
  expect(ran.code).toBe(0);
  expect(told(project, ran)).toMatch(/^back up TARGET.*done {4}back up.*The database is unchanged/s);
  expect(await dumps()).toBe(2);
  expect([await sight(project.url), await project.running()]).toEqual([before, 'r1']);
});

it('deploy.sh --backup --health-check without a mode: backs up, then asks for the health of what runs', async () => {
  const ran = await script('deploy.sh', '--backup', '--health-check');
  expect(ran.code).toBe(0);
  expect(told(project, ran)).toMatch(/back up.*is healthy after/s);
  expect(await dumps()).toBe(3);
});

it('deploy.sh --auto-migrate --health-check', async () => {
  const ran = await script('deploy.sh', '--auto-migrate', '--health-check');
  expect(ran.code).toBe(0);
  expect(told(project, ran)).toMatch(/done {4}migrate.*done {4}verify.*done {4}deploy.*done {4}health/s);
  expect(await project.running()).toBe('r2');
  expect(await dumps()).toBe(3);
});

it('deploy.sh --auto-migrate --backup --health-check', async () => {
  await next('r3');
  const ran = await script('deploy.sh', '--auto-migrate', '--backup', '--health-check');
  expect(ran.code).toBe(0);
  expect(told(project, ran)).toMatch(/done {4}back up.*done {4}migrate.*done {4}health/s);
  expect(await sight(project.url)).toContain('0003_notes');
  expect(await dumps()).toBe(4);
});

it.each([[['--skip-migrate']], [['--skip-migrate', '--health-check']]])(
  'deploy.sh %s: deploys only',
  async (flags) => {
    await next('r3');
    const before = await sight(project.url);
    const ran = await script('deploy.sh', ...flags);
    expect(ran.code).toBe(0);
    expect(told(project, ran)).toMatch(/done {4}deploy.*done {4}health.*The database is unchanged/s);
    expect(ran.out).not.toContain('migrate:');
    expect(await sight(project.url)).toBe(before);
  },
);

it('deploy.sh without anything: asks, and refuses where nobody can be asked', async () => {
  const ran = await script('deploy.sh');
  expect(ran.code).toBe(2);
  expect(told(project, ran)).toContain('--auto-migrate');
});

it('healthcheck.sh: 0 when the application is well; 1, with its last answer, when it is not', async () => {
  expect(await script('healthcheck.sh')).toMatchObject({ code: 0 });
  await runProgram('rm', ['running'], { cwd: project.home, env: {}, ms: 5_000 });
  const ran = await script('healthcheck.sh', project.target);
  expect(ran.code).toBe(1);
  expect(told(project, ran)).toMatch(/was not healthy within 5 seconds.*answered 503: nothing runs/s);
}, 30_000);
