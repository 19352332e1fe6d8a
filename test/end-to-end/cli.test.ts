import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HARMLESS, Project, runProgram, type Ran } from '../support/project.js';
import { root } from '../support/test-stack.js';
import { cliFile, told } from '../support/told.js';

const bare = (args: readonly string[], node: readonly string[] = []): Promise<Ran> =>
  runProgram(process.execPath, [...node, cliFile, ...args], { cwd: tmpdir(), env: {}, ms: 30_000 });

const COMMANDS = [
  ...['demo', 'init', 'doctor', 'check', 'deploy', 'rollback', 'backup', 'status', 'report', 'health'],
  ...['cancel', 'retry', 'stop', 'worker', 'up', 'down'],
];

describe('help', () => {
  it('shows every command, and what its exit codes mean', async () => {
    const { out, code } = await bare(['--help']);
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "Usage: lockkeeper [options] [command]

      Takes a PostgreSQL + Alembic application from one release to the next, and back.

      Options:
        -V, --version                  output the version number
        --config <path>                lockkeeper.yaml to use (or LOCKKEEPER_CONFIG)
        --json                         results as JSON on standard output
        -h, --help                     display help for command

      Commands:
        demo                           everything, embedded: a sample application
                                       taken through every risk and back, under load
        init                           write lockkeeper.yaml from what is found in
                                       this folder
        doctor [target]                try every tool and connection; change nothing
        check [target]                 what would run, and how dangerous it is; needs
                                       no Temporal, changes nothing
        deploy [target]                take the target to its next release; without a
                                       mode it checks and asks
        migrate [target]               migrate only: the release that runs stays; then
                                       deploy --skip-migrate
        rollback [target]              put back a release that ran before, and its
                                       schema: shows what that loses, is approved by
                                       its risk
        backup [target]                back up the target's database; --list shows the
                                       backups that there are
        drill [target]                 practise the emergency: restore the newest
                                       backup beside, prove it up to L4, measure how
                                       long that took
        restore [target] [of]          put the database back from a backup, once
                                       people have approved what that loses
        keepsake                       what destructive changes took, and is kept in
                                       the same database
        backfill                       change the rows of a table in batches,
                                       throttled, beside the application:
                                       docs/backfill.md
        schedule                       backups, proofs and drills that Temporal starts
                                       by itself, from the settings
        phases                         changes without downtime, over several
                                       releases: docs/phases.md
        status [target]                what runs, or how the last run ended
        watch [target]                 what goes on in the database, live: sessions,
                                       locks, progress, migration log
        report [target]                the record of a run: of one that goes on as it
                                       stands, else from the state folder, here or
                                       where the worker is
        health [target]                ask the application whether it is healthy, and
                                       wait for it
        approve [target]               show the plan that waits, and approve it (in
                                       manual mode: choose); with --json only show it
        reject [target]                reject the plan that waits: the run ends,
                                       everything as it was
        choose <what> [target]         others keep the migration from its lock: say
                                       what is done
        cancel [target]                end the run; it undoes what it did
        retry [target]                 an undo failed: try it again
        stop [target]                  an undo failed: end the run as it is
        explain [target]               the rest by hand: the shell commands for all
                                       that is left to do of the run, without Temporal
        emergency                      something has gone wrong: stop everything, see
                                       how it stands, repair it
        worker                         do the work: one on each host that owns targets
        up                             start the embedded servers: Temporal with its
                                       Web UI, PostgreSQL, nginx, and a worker
        down                           stop them
        maintenance <on|off> [target]  close or open the site by hand, on its host;
                                       needs no Temporal
        watchdog                       sound sites that are closed for longer than
                                       planned; needs no Temporal and no database
        help [command]                 display help for command

      Exit codes: 0 done · 1 failed, all as before · 2 wrong use or settings
                  3 a person must decide · 4 an operator is needed · 130 interrupted
      "
    `);
  });

  it.each(COMMANDS)('%s: fits into 80 columns, and says what each flag does', async (name) => {
    const { out, err, code } = await bare([name, '--help']);
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toMatch(new RegExp(`^Usage: lockkeeper ${name}`));
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const flags = out.split('\n').filter((line) => line.startsWith('  -'));
    expect(flags.filter((line) => !/ {2}-.*\S {2,}\S/.test(line))).toEqual([]);
  });

  it('comes at once, because nothing heavy is loaded', async () => {
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const began = performance.now();
      await bare(['--help']);
      times.push(performance.now() - began);
    }
    expect(times.sort((a, b) => a - b)[2]).toBeLessThan(1_000);
    const folder = await mkdtemp(join(tmpdir(), 'lk-trace-'));
    const trace = join(folder, 'loaded.json');
    await runProgram(process.execPath, ['--import', loadedInto(trace), cliFile, '--help'], {
      cwd: folder,
      env: {},
      ms: 30_000,
    });
    const loaded = JSON.parse(await readFile(trace, 'utf8')) as string[];
    await rm(folder, { recursive: true });
    expect(loaded.some((url) => url.includes('/commander/'))).toBe(true);
    const packages = new Set(
      loaded.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []),
    );
    expect([...packages]).toEqual(['commander']);
  });

  it('says its version, which is that of the package', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await bare(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it('without a command it shows the help and ends as wrong use', async () => {
    const { code, out, err } = await bare([]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Commands:');
  });
});

/** A module for --import that writes down every file which is loaded as a module. */
function loadedInto(path: string): string {
  const hooks = `
    import { appendFileSync, writeFileSync } from 'node:fs';
    const seen = [];
    export async function load(url, context, next) {
      seen.push(url);
      writeFileSync(${JSON.stringify(path)}, JSON.stringify(seen));
      return next(url, context);
    }`;
  const main = `
    import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));`;
  return `data:text/javascript,${encodeURIComponent(main)}`;
}

describe('with a target', () => {
  let project: Project;
  let first: Ran;
  beforeAll(async () => {
    project = await Project.make({ releases: { r2: [HARMLESS] } });
    await project.worker();
    first = await project.cli(['deploy', '--auto-migrate', '--release', 'r2', '--json']);
  });
  afterAll(() => project?.close());

  it('deploy --json: one value on standard output, all else on standard error', () => {
    expect(first.code).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({
      schemaVersion: 1,
      kind: 'deploy',
      outcome: 'done',
      state: { database: 'changed', release: 'changed' },
    });
    expect(first.err).toContain('migrate');
  });

  it.each([
    ['check', ['check', '--release', 'r2'], 0],
    ['status', ['status'], 0],
    ['status --watch of nothing', ['status', '--watch'], 0],
    ['report', ['report'], 0],
    ['health', ['health'], 0],
    ['doctor', ['doctor'], 0],
    ['down', ['down'], 0],
    ['a start that is not waited for', ['backup', '--detach'], 0],
    ['cancel', ['cancel', 'nix'], 2],
    ['retry', ['retry', 'nix'], 2],
    ['an unknown command', ['nix'], 2],
    ['no command', [], 2],
    ['a missing release', ['check', '--release', 'r9'], 2],
    ['a message that nothing waits for', ['stop'], 1],
  ])('--json: %s is one JSON value', async (_, args, code) => {
    const ran = await project.cli([...args, '--json']);
    expect(ran.code).toBe(code);
    const value = JSON.parse(ran.out) as { schemaVersion: number; error?: { what: string; next: string[] } };
    expect(value.schemaVersion).toBe(1);
    expect(value.error === undefined).toBe(code === 0);
    if (value.error) expect(value.error.next.length).toBeGreaterThan(0);
  });

  it('status and report tell the same run; report finds it by the first characters of its id', async () => {
    const { runId } = JSON.parse(first.out) as { runId: string };
    const named = await project.cli(['report', '--run', runId.slice(0, 13)]);
    expect(told(project, named)).toMatchInlineSnapshot(`
      "lockkeeper:TARGET  deploy (done), asked for by ana@example.com at CLOCK
      release r1 → r2   revisions 0001_first → 0002_gifts   risk low   plan HASH

        done    fetch release TIME   r2 (runs now: r1)
        done    check TIME   1 pending, low risk
        done    compare TIME   the plan holds, 1 value measured
        done    migrate TIME   1 revision, 3 statements in TIME
        done    verify TIME   at 0002_gifts, 1 check passed
        done    deploy TIME   r2
        done    health TIME   http://HOST:PORT/health is healthy after TIME

      The database is changed, the release is changed."
    `);
  });

  it('uses no colour and no cursor movement, so that NO_COLOR needs no meaning', async () => {
    for (const args of [['--help'], ['report'], ['doctor'], ['nix']]) {
      const { out, err } = await project.cli(args, { env: { FORCE_COLOR: '3' } });
      expect(out + err).not.toContain('\u001b');
    }
  });

  it('check --fail-on ends with 1 when the risk is as high, for a CI', async () => {
    expect(await project.cli(['rollback'])).toMatchObject({ code: 0 });
    const check = (risk: string) => project.cli(['check', '--release', 'r2', '--fail-on', risk]);
    expect(await check('low')).toMatchObject({ code: 1 });
    expect(await check('medium')).toMatchObject({ code: 0 });
  });
});

describe('doctor', () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.make();
  });
  afterAll(() => project?.close());

  it('tells every fault at once, each with what to do, and what one fault is the cause of only once', async () => {
    await project.configure({
      database: { url: '${DATABASE_URL}' },
      release: { running: 'exit 3' },
      backup: { tools: '/nowhere' },
      health: { url: 'http://127.0.0.1:65533/health' },
      alembic: {
        python: '/nowhere/python',
        project: 'releases/r1',
        environment: { DATABASE_URL: '${DATABASE_URL}' },
      },
    });
    const ran = await project.cli(['doctor'], {
      env: { DATABASE_URL: 'postgresql://postgres:s3cret@127.0.0.1:1/x', TEMPORAL_NAMESPACE: 'nonesuch' },
    });
    expect(ran.code).toBe(2);
    expect(told(project, ran)).toMatchInlineSnapshot(`
      "ok      settings            HOME/lockkeeper.yaml, target TARGET
      ok      state folder        HOME/.lockkeeper, SIZE free
      FAULT   database            PostgreSQL at 127.0.0.1:1 cannot be reached: the connection was refused: nothing listens there
                                  → see that the server runs and that host and port are right
                                  → pg_isready -d 'host=127.0.0.1 port=1'
      FAULT   running release     a command of the step "release running" failed with exit code 3: exit 3: it printed nothing
                                  → read all that it printed: HOME/.lockkeeper/logs/doctor/release-running.log
                                  → mend the cause, and start again
      FAULT   alembic             the Python of the application was not found: /nowhere/python: spawn /nowhere/python ENOENT
                                  → correct alembic.python in lockkeeper.yaml: the interpreter that has the application's packages, such as .venv/bin/python
                                  → it may be a command as well: [uv, run, python]
      ok      start commands      none migrates by itself, as far as Dockerfiles, start scripts and compose files tell
      FAULT   pg_dump             the program /nowhere/pg_dump was not found: spawn /nowhere/pg_dump ENOENT
                                  → install /nowhere/pg_dump, or correct its path in lockkeeper.yaml
                                  → lockkeeper doctor tries every tool
      ?       rehearsal           it depends on the version of the database
      warning health              http://HOST:PORT/health: nothing listens there (connection refused)
                                  → start the application, or correct health.url
      warning site                closure is not set: changes that need a closed site are refused
                                  → set closure.flag and closure.url
      FAULT   Temporal            Temporal at HOST:PORT has no namespace nonesuch
                                  → create it: temporal operator namespace create nonesuch --retention 30d
                                  → or name another: TEMPORAL_NAMESPACE
      ?       worker              not to be told before this is mended: Temporal

      5 faults; nothing was changed"
    `);
  });

  it('says that all is well, except that nobody listens yet', async () => {
    await project.configure({});
    const ran = await project.cli(['doctor']);
    expect(ran.code).toBe(2);
    const withoutVersions = told(project, ran).replace(/\b\d+\.\d+(\.\d+)?\b/g, 'VERSION');
    expect(withoutVersions).toMatchInlineSnapshot(`
      "ok      settings            HOME/lockkeeper.yaml, target TARGET
      ok      state folder        HOME/.lockkeeper, SIZE free
      ok      database            DATABASE, PostgreSQL VERSION
      ok      running release     r1
      ok      alembic             VERSION on Python VERSION, at 0001_first, head 0001_first, 0 pending
      ok      start commands      none migrates by itself, as far as Dockerfiles, start scripts and compose files tell
      ok      pg_dump             VERSION, compresses by gzip; SIZE free in HOME/.lockkeeper/backups
      ok      rehearsal           on private servers of PostgreSQL 18
      warning health              no health check: whether a release works is not known
                                  → set health.url
      warning site                closure is not set: changes that need a closed site are refused
                                  → set closure.flag and closure.url
      ok      Temporal            HOST:PORT, namespace default, all search attributes
      FAULT   worker              nobody listens on task queue TARGET
                                  → start one on the host that owns the target, with the secrets in its environment: lockkeeper worker

      1 fault; nothing was changed"
    `);
  });

  it('--fix registers the search attributes that a namespace lacks', async () => {
    const namespace = `lk-${project.target}`;
    await project.temporal(['operator', 'namespace', 'create', '--namespace', namespace]);
    const env = { TEMPORAL_NAMESPACE: namespace };
    await soon(async () =>
      (await project.cli(['doctor'], { env })).out.includes('lacks the search attributes'),
    );
    const fixed = await project.cli(['doctor', '--fix'], { env });
    expect(fixed.out).toContain('registered search attribute LockkeeperTarget');
    await soon(async () => (await project.cli(['doctor'], { env })).out.includes('all search attributes'));
  });
});

/** A namespace, and what is registered in it, is known everywhere in the server after a moment. */
async function soon(is: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    if (await is()) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('it did not come');
}
