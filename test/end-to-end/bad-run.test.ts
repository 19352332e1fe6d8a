import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HARMLESS, Project, until, type ProjectOptions } from '../support/project.js';
import { sight, sql, start, told } from '../support/told.js';

const DESTRUCTIVE = {
  id: '0003_no_totals',
  up: 'op.drop_column("orders", "total")',
  down: 'op.add_column("orders", sa.Column("total", sa.Numeric()))',
};

let project: Project;
afterEach(() => project.close());

async function make(options: ProjectOptions = {}, workerEnv: Record<string, string> = {}): Promise<void> {
  project = await Project.make({ releases: { r2: [HARMLESS], r3: [DESTRUCTIVE] }, ...options });
  await project.worker(workerEnv);
}

/** Deploys, and expects that nothing of it stays. @returns what was told */
async function expectNothing(args: readonly string[], exitCode = 1): Promise<string> {
  const before = await sight(project.url);
  const ran = await project.cli(args);
  expect(ran).toMatchObject({ code: exitCode });
  expect(await sight(project.url)).toBe(before);
  expect(await project.running()).toBe('r1');
  return told(project, ran);
}
const deploy = (release = 'r2', ...more: string[]) =>
  ['deploy', '--auto-migrate', '--release', release, ...more] as const;

it('the worker lacks what the settings refer to: the run says that it is the worker', async () => {
  await make({}, { DATABASE_URL: '' });
  expect(await expectNothing(deploy())).toMatch(
    /The database is unchanged, the release is unchanged\.\n.*error: the environment variable DATABASE_URL is not set\n.*where the worker runs/s,
  );
});

it('the worker cannot reach PostgreSQL', async () => {
  await make({}, { DATABASE_URL: 'postgresql://postgres:s3cret@127.0.0.1:1/x' });
  expect(await expectNothing(deploy())).toMatch(
    /failed {2}check.*The database is unchanged.*error: env\.py cannot connect.*Connection refused/s,
  );
});

it('a release that is not there, and a risk that needs the site closed where nothing says how', async () => {
  await make();
  expect(await expectNothing(deploy('r9'))).toMatch(
    /failed {2}check.*the folder of the Alembic project does not exist: HOME\/releases\/r9/s,
  );
  expect(await expectNothing(deploy('r3'))).toMatchInlineSnapshot(`
    "deploy TARGET r3 with its migration: workflow lockkeeper:TARGET, run RUN
      done    fetch release TIME   r3 (runs now: r1)
      failed  check TIME   this change of TARGET is of very-high risk: it runs with the site closed, and TARGET has no closure

    The database is unchanged, the release is unchanged.

    error: this change of TARGET is of very-high risk: it runs with the site closed, and TARGET has no closure
      why    0003_no_totals: dropping orders.total removes its values for good (very-high, column-dropped)
      next   1. lockkeeper check TARGET shows every finding and a safer way
             2. or set targets.TARGET.closure: how the site is closed (docs/configuration.md, docs/production.md)
      code   must-be-closed
    Report: lockkeeper report TARGET"
  `);
});

it('a disk that has no room for the backup', async () => {
  await make();
  await lyingTools(
    `case "$*" in *--snapshot=*) echo "pg_dump: error: could not write to output file: No space left on device" >&2; exit 1;; esac`,
  );
  expect(await expectNothing(deploy('r2', '--backup'))).toMatchInlineSnapshot(`
    "deploy TARGET r2 with its migration: workflow lockkeeper:TARGET, run RUN
      done    fetch release TIME   r2 (runs now: r1)
      done    check TIME   1 pending, low risk
              release r1 → r2   revisions 0001_first → 0002_gifts   risk low   plan HASH
      failed  back up TIME   HOME/.lockkeeper/backups/TARGET is full: nothing of the backup could be written

    The database is unchanged, the release is unchanged.

    error: HOME/.lockkeeper/backups/TARGET is full: nothing of the backup could be written
      why    pg_dump: error: could not write to output file: No space left on device; SIZE are free
      next   1. free space in HOME/.lockkeeper/backups/TARGET, or set backup.folder to one on a larger disk
             2. start again
      code   no-space-for-backup
    Report: lockkeeper report TARGET"
  `);
});

it('a revision that is edited between check and migrate is refused before anything runs', async () => {
  await make();
  const file = project.path('releases', 'r2', 'migrations', 'versions', '0002_gifts.py');
  await lyingTools(`case "$*" in *--snapshot=*) sed -i s/gift_note/gift_words/ ${file};; esac`);
  expect(await expectNothing(deploy('r2', '--backup'))).toMatchInlineSnapshot(`
    "deploy TARGET r2 with its migration: workflow lockkeeper:TARGET, run RUN
      done    fetch release TIME   r2 (runs now: r1)
      done    check TIME   1 pending, low risk
              release r1 → r2   revisions 0001_first → 0002_gifts   risk low   plan HASH
      done    back up TIME   SIZE in HOME/.lockkeeper/backups/TARGET/RUN.dump
      failed  compare TIME   plan HASH no longer holds

    The database is unchanged, the release is unchanged.

    error: plan HASH no longer holds
      why    revision 0002_gifts: its file migrations/versions/0002_gifts.py was edited (sha256 HASH, now HASH); it renders other SQL
      next   1. start again: it makes a new plan
      code   plan-changed
    Report: lockkeeper report TARGET"
  `);
});

it('what was written into an added table is not thrown away: partly undone', async () => {
  const write = { name: 'writes, then fails', command: ['node', 'write.mjs'] };
  await make({ settings: { verify: [write] } });
  await writeFile(
    project.path('write.mjs'),
    `import { spawnSync } from 'node:child_process';
const url = ${JSON.stringify(project.url)};
spawnSync('${project.servers.tools.pgBin}/psql', [url, '-c', "insert into coupons values ('A')"]);
process.exit(1);
`,
  );
  const ran = await project.cli(deploy());
  expect(ran.code).toBe(4);
  expect(told(project, ran)).toMatchInlineSnapshot(`
    "deploy TARGET r2 with its migration: workflow lockkeeper:TARGET, run RUN
      done    fetch release TIME   r2 (runs now: r1)
      done    check TIME   1 pending, low risk
              release r1 → r2   revisions 0001_first → 0002_gifts   risk low   plan HASH
      done    compare TIME   the plan holds
      done    migrate TIME   1 revision, 3 statements in TIME
      failed  verify TIME   a check after the migration failed
      left    put the schema back TIME   coupons has 1 row written since

    The database is left with the added schema (additive; the previous release runs on it), the release is unchanged.

    error: a check after the migration failed
      why    writes, then fails: a command of the step "verify" failed with exit code 1: node write.mjs: it printed nothing
      next   1. correct the migration or the check, and start again
      code   verification-failed

    What is left was left on purpose: taking it back would have lost what was written since.
    Report: lockkeeper report TARGET"
  `);
  expect(await sight(project.url)).toContain('coupons.code');
  expect(await project.running()).toBe('r1');
});

it('a rollback that would lose rows written since is refused, and the rest of it is not begun', async () => {
  await make();
  expect(await project.cli(deploy())).toMatchObject({ code: 0 });
  await sql(project.url, "insert into coupons values ('SPRING')");
  const before = await sight(project.url);
  const ran = await project.cli(['rollback']);
  expect(ran.code).toBe(1);
  expect(told(project, ran)).toMatchInlineSnapshot(`
    "roll TARGET back to the release before: workflow lockkeeper:TARGET, run RUN
      failed  check TIME   rolling TARGET back would lose what was written since

    The database is unchanged, the release is unchanged.

    error: rolling TARGET back would lose what was written since
      why    coupons has 1 row written since
      next   1. copy away what is in there, empty it, and roll back again
             2. or put back the release alone, where it runs on this schema: lockkeeper rollback TARGET --app-only
      code   rollback-would-lose
    Report: lockkeeper report TARGET"
  `);
  expect(await sight(project.url)).toBe(before);
  expect(await project.running()).toBe('r2');
});

it('a run that is terminated from outside is told as what it is, while it is watched and afterwards', async () => {
  await make({ settings: { release: { running: 'cat running', fetch: ['sleep 60'] } } });
  const watching = project.cli(deploy());
  await soon(async () => (await project.cli(['status'])).out.includes('now     fetch release'));
  await project.temporal(['workflow', 'terminate', '--workflow-id', project.workflowId, '--reason', 'test']);
  const ran = await watching;
  expect(ran.code).toBe(4);
  expect(told(project, ran)).toMatch(
    /ended as TERMINATED and kept no record.*nothing was undone.*temporal workflow show/s,
  );
  expect(await project.cli(['status'])).toMatchObject({ code: 4 });
});

it('a worker that stops answering in the middle of a run is told, and the run goes on when it is back', async () => {
  project = await Project.make({
    releases: { r2: [HARMLESS] },
    settings: { release: { running: 'cat running', fetch: ['sleep 2'] } },
  });
  const { child } = await project.worker();
  const deploying = start(project, deploy());
  await until(() => deploying.said.out.includes('workflow lockkeeper'), 20_000, 'the run');
  child.kill('SIGSTOP');
  const stoppedAt = performance.now();
  await until(() => deploying.said.out.includes('no worker answers'), 20_000, 'the words');
  expect(performance.now() - stoppedAt).toBeLessThan(8_000);
  child.kill('SIGCONT');
  expect(await deploying.ended).toBe(0);
  expect(deploying.said.out).toMatch(
    /waits {3}no worker answers\. The run goes on by itself.*done {4}deploy/s,
  );
});

async function soon(is: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) if (await is()) return;
  throw new Error('it did not come');
}

/** pg_dump and pg_restore that do something before their work. */
async function lyingTools(before: string): Promise<void> {
  const bin = project.path('bin');
  await mkdir(bin);
  const real = project.servers.tools.pgBin;
  await writeFile(join(bin, 'pg_dump'), `#!/bin/sh\n${before}\nexec ${real}/pg_dump "$@"\n`);
  await chmod(join(bin, 'pg_dump'), 0o755);
  for (const name of ['pg_restore', 'pg_dumpall']) await symlink(join(real, name), join(bin, name));
  await project.configure({ backup: { tools: bin } });
}
