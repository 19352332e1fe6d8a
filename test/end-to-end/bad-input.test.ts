import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { HARMLESS, Project } from '../support/project.js';
import { ENV_PY, revisionFile } from '../support/alembic-files.js';
import { sight, told } from '../support/told.js';
import { projectPython } from '../support/servers.js';

let project: Project;
let before: string;
let good: string;
beforeAll(async () => {
  project = await Project.make({ releases: { r2: [HARMLESS] } });
  before = await sight(project.url);
  good = await readFile(project.path('lockkeeper.yaml'), 'utf8');
});
afterEach(() => writeFile(project.path('lockkeeper.yaml'), good));
afterAll(async () => {
  expect(await sight(project.url)).toBe(before);
  await project.close();
});

/** Calls the CLI. @returns its exit code, and what it told */
async function lockkeeper(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const ran = await project.cli(args, { env });
  return `${told(project, ran)}\nexit ${ran.code}`;
}
const check = (env: Record<string, string> = {}, release = 'r2') =>
  lockkeeper(['check', '--release', release], env);

/** Settings as a user may have got them wrong. */
const settings = (text: string) => writeFile(project.path('lockkeeper.yaml'), text);

it('the command line: each mistake is told in one voice, with what to do', async () => {
  const mistakes = [
    ['chek'],
    ['deploy', '--force'],
    ['check', '--fail-on', 'severe'],
    ['check', 'one', 'two'],
    ['deploy', 'nix', '--auto-migrate'],
    ['deploy', '--auto-migrate', '--skip-migrate'],
    ['deploy'],
    ['deploy', '--auto-migrate', '--release', '../evil'],
    ['check', '--release', ''],
    ['worker', '--health-port', '99999'],
    ['report', '--run', '0123'],
    ['cancel'],
  ];
  const answers: string[] = [];
  for (const args of mistakes) answers.push(`$ lockkeeper ${args.join(' ')}\n${await lockkeeper(args)}`);
  expect(answers.join('\n\n')).toMatchInlineSnapshot(`
    "$ lockkeeper chek
    error: unknown command 'chek' (Did you mean check?)
      state  this command changed nothing
      next   1. lockkeeper --help shows all commands
      code   wrong-use
    exit 2

    $ lockkeeper deploy --force
    error: unknown option '--force'
      state  this command changed nothing
      next   1. lockkeeper deploy --help shows its flags
      code   wrong-use
    exit 2

    $ lockkeeper check --fail-on severe
    error: option '--fail-on <risk>' argument 'severe' is invalid. Allowed choices are low, medium, high, very-high, never.
      state  this command changed nothing
      next   1. lockkeeper check --help shows its flags
      code   wrong-use
    exit 2

    $ lockkeeper check one two
    error: too many arguments for 'check'. Expected 1 argument but got 2.
      state  this command changed nothing
      next   1. lockkeeper check --help shows its flags
      code   wrong-use
    exit 2

    $ lockkeeper deploy nix --auto-migrate
    error: there is no target nix
      why    HOME/lockkeeper.yaml has TARGET
      state  this command changed nothing
      next   1. name one of them: lockkeeper check TARGET
      code   no-target
    exit 2

    $ lockkeeper deploy --auto-migrate --skip-migrate
    error: only one of --auto-migrate, --manual-migrate and --skip-migrate can be chosen
      state  this command changed nothing
      next   1. keep one: --auto-migrate runs what the risk allows, --skip-migrate only deploys
      code   one-mode
    exit 2

    $ lockkeeper deploy
    error: shall the migration run? there is no terminal here to ask at
      state  this command changed nothing
      next   1. say it: --auto-migrate (check, and run what the risk allows) or --skip-migrate (deploy only)
             2. lockkeeper check shows what would run
      code   mode-needed
    exit 2

    $ lockkeeper deploy --auto-migrate --release ../evil
    error: "../evil" is no name of a release (--release)
      state  this command changed nothing
      next   1. a name has letters, digits and . _ - + : @ /, at most 128 of them, and no ..
      code   bad-release-name
    exit 2

    $ lockkeeper check --release 
    error: "" is no name of a release (--release)
      state  this command changed nothing
      next   1. a name has letters, digits and . _ - + : @ /, at most 128 of them, and no ..
      code   bad-release-name
    exit 2

    $ lockkeeper worker --health-port 99999
    error: "99999" is no port
      state  this command changed nothing
      next   1. give a number from 0 to 65535; 0 takes any free one
      code   invalid-port
    exit 2

    $ lockkeeper report --run 0123
    error: there is no record of run 0123 of TARGET
      why    it is not in the state folder here, and of the worker: no worker listens on task queue TARGET
      state  this command changed nothing
      next   1. the last run: lockkeeper report TARGET
             2. all of them: records/TARGET/ in the state folder
      code   no-record
    exit 1

    $ lockkeeper cancel
    error: nothing runs for TARGET
      state  this command changed nothing
      next   1. the last run: lockkeeper report TARGET
      code   not-running
    exit 1"
  `);
});

describe('the settings', () => {
  it('are not there', async () => {
    await rm(project.path('lockkeeper.yaml'));
    expect(await check()).toMatchInlineSnapshot(`
      "error: there is no HOME/lockkeeper.yaml
        state  this command changed nothing
        next   1. lockkeeper init writes one from what it finds in this folder
               2. or name another: lockkeeper --config PATH …, or LOCKKEEPER_CONFIG
               3. files of SQL are checked without: lockkeeper check --sql FILE…
        code   no-settings
      exit 2"
    `);
  });

  it('are not YAML', async () => {
    await settings('version: 1\ntargets: {shop: {database: {url: "postgresql://a:s3cret@h/x"}\n');
    expect(await check()).toMatchInlineSnapshot(`
      "error: HOME/lockkeeper.yaml has 1 fault
        why    - line 3, column 1: Flow map in block collection must be sufficiently indented and end with a }
        state  this command changed nothing
        next   1. correct them; docs/configuration.md names every setting
        code   settings-faults
      exit 2"
    `);
  });

  it('have several faults, which are told at once, and no secret with them', async () => {
    await settings(
      'version: 1\ntargets:\n  shop:\n    database: {url: "postgresql://a:s3cret@h/x"}\n    colour: red\n    health: {url: nowhere}\n',
    );
    expect(await check()).toMatchInlineSnapshot(`
      "error: HOME/lockkeeper.yaml has 3 faults
        why    - line 4: targets.shop.database.url: expected no password in the file: write \${NAME} (environment) or file:PATH
               - line 5: targets.shop.colour: there is no such setting
               - line 6: targets.shop.health.url: expected a URL such as http://HOST:PORT/health
        state  this command changed nothing
        next   1. correct them; docs/configuration.md names every setting
        code   settings-faults
      exit 2"
    `);
  });

  it('name an environment variable that is not set', async () => {
    expect(await check({ DATABASE_URL: '' })).toMatchInlineSnapshot(`
      "error: the environment variable DATABASE_URL is not set
        why    targets.TARGET.alembic.environment.DATABASE_URL refers to it
        state  this command changed nothing
        next   1. set DATABASE_URL where this command runs; for a run of a workflow: where the worker runs
               2. or judge the revision files alone: lockkeeper check TARGET --offline --from REVISION
        code   missing-secret
      exit 2"
    `);
  });

  it('name a file with a secret that is not there', async () => {
    await settings(good.replace('url: ${DATABASE_URL}', 'url: file:database-url'));
    expect(await check()).toMatchInlineSnapshot(`
      "error: the file HOME/database-url cannot be read
        why    targets.TARGET.database.url refers to it; ENOENT: no such file or directory, open 'HOME/database-url'
        state  this command changed nothing
        next   1. create it, readable for the user that runs the worker only (chmod 600)
               2. or judge the revision files alone: lockkeeper check TARGET --offline --from REVISION
        code   unreadable-secret
      exit 2"
    `);
  });

  it('name a state folder that cannot be written', async () => {
    await settings(`stateDir: running/state\n${good}`);
    expect(await check()).toMatchInlineSnapshot(`
      "error: the state folder HOME/running/state cannot be written
        why    ENOTDIR: not a directory, mkdir 'HOME/running/state/logs/check'
        state  this command changed nothing
        next   1. free space there, let this user write there, or set stateDir in lockkeeper.yaml to another folder
        code   state-not-writable
      exit 2"
    `);
    expect(await lockkeeper(['worker'])).toMatch(
      /the state folder HOME\/running\/state cannot be written.*exit 2$/s,
    );
  });
});

describe('the database', () => {
  const at = (change: (url: URL) => void) => {
    const url = new URL(project.url);
    change(url);
    return { DATABASE_URL: url.href };
  };

  it('is not there: no PostgreSQL', async () => {
    expect(await check(at((url) => (url.port = '1')))).toMatchInlineSnapshot(`
      "error: env.py cannot connect to the database
        why    OperationalError: connection to server at "127.0.0.1", port 1 failed: Connection refused
               	Is the server running on that host and accepting TCP/IP connections?
        state  this command changed nothing
        next   1. check that the server runs and that env.py has its address: alembic current
               2. behind PgBouncer point env.py to PostgreSQL itself: sessions and their settings must be our own
               3. or judge the revision files alone: lockkeeper check TARGET --offline --from REVISION
        code   alembic-cannot-connect
      exit 2"
    `);
  });

  it('refuses the password', async () => {
    expect(await check(at((url) => (url.password = 's3cret')))).toMatchInlineSnapshot(`
      "error: env.py cannot connect to the database
        why    OperationalError: connection to server at "127.0.0.1", port PORT failed: FATAL:  password authentication failed for user "postgres"
        state  this command changed nothing
        next   1. correct user and password in what env.py reads from its environment (alembic.environment in lockkeeper.yaml)
               2. lockkeeper doctor tries whether it works
               3. or judge the revision files alone: lockkeeper check TARGET --offline --from REVISION
        code   alembic-cannot-connect
      exit 2"
    `);
  });

  it('does not exist', async () => {
    expect(await check(at((url) => (url.pathname = '/nowhere')))).toMatchInlineSnapshot(`
      "error: env.py cannot connect to the database
        why    OperationalError: connection to server at "127.0.0.1", port PORT failed: FATAL:  database "nowhere" does not exist
        state  this command changed nothing
        next   1. correct the name of the database in what env.py reads from its environment (alembic.environment in lockkeeper.yaml)
               2. lockkeeper doctor tries whether it works
               3. or judge the revision files alone: lockkeeper check TARGET --offline --from REVISION
        code   alembic-cannot-connect
      exit 2"
    `);
  });
});

describe('Python and Alembic', () => {
  /** A release like r2 but for what is changed in it. */
  async function release(name: string, change: (folder: string) => Promise<void>): Promise<string> {
    const folder = project.path('releases', name);
    await cp(project.path('releases', 'r2'), folder, { recursive: true });
    await change(folder);
    return check({}, name);
  }
  const env = (text: string) => (folder: string) => writeFile(`${folder}/migrations/env.py`, text);
  const revision = (id: string, before?: string) => (folder: string) =>
    writeFile(
      `${folder}/migrations/versions/${id}.py`,
      revisionFile({ id, up: 'pass', down: 'pass' }, before),
    );

  it('no Python', async () => {
    await settings(good.replace(projectPython, '/nowhere/python'));
    expect(await check()).toMatchInlineSnapshot(`
      "error: the Python of the application was not found: /nowhere/python
        why    spawn /nowhere/python ENOENT
        state  this command changed nothing
        next   1. correct alembic.python in lockkeeper.yaml: the interpreter that has the application's packages, such as .venv/bin/python
               2. it may be a command as well: [uv, run, python]
        code   python-not-found
      exit 2"
    `);
  });

  it('no alembic in it', async () => {
    await settings(good.replace(`python: ${projectPython}`, `python: [${projectPython}, -S]`));
    expect(await check()).toMatchInlineSnapshot(`
      "error: alembic or SQLAlchemy cannot be imported by PYTHON
        why    No module named 'alembic'
        state  this command changed nothing
        next   1. install them there: PYTHON -m pip install alembic
               2. or correct alembic.python in lockkeeper.yaml: the interpreter that has the application's packages
        code   alembic-not-installed
      exit 2"
    `);
  });

  it('no release of that name', async () => {
    expect(await check({}, 'r9')).toMatchInlineSnapshot(`
      "error: the folder of the Alembic project does not exist: HOME/releases/r9
        state  this command changed nothing
        next   1. correct alembic.project in lockkeeper.yaml: the folder in which alembic is run by hand
               2. if it is named after the release, see that the release is there: --release NAME, or release.next and release.fetch
        code   alembic-folder-missing
      exit 2"
    `);
  });

  it('env.py raises', async () => {
    expect(await release('raises', env('raise RuntimeError("SECRET_KEY is not set")\n')))
      .toMatchInlineSnapshot(`
      "error: Alembic's env.py failed at migrations/env.py:1
        why    RuntimeError: SECRET_KEY is not set
        state  this command changed nothing
        next   1. run the same by hand in the project's folder: alembic current
               2. settings that env.py reads from its environment are set under alembic.environment in lockkeeper.yaml
               3. or judge the revision files alone: lockkeeper check TARGET --offline --from REVISION
        code   env-failed
      exit 2"
    `);
  });

  it('env.py prints, which is none of our business', async () => {
    const noisy = `print("booting", flush=True)\n${ENV_PY}print('{"event": "done"}')\n`;
    expect(await release('prints', env(noisy))).toMatch(/2 of 2 statements analysed.*exit 0$/s);
  });

  it('two heads', async () => {
    expect(await release('heads', revision('0002_other', '0001_first'))).toMatchInlineSnapshot(`
      "error: the revisions have 2 heads: 0002_gifts, 0002_other
        state  this command changed nothing
        next   1. join them: alembic merge -m "merge" 0002_gifts 0002_other
               2. or set down_revision of one to the other, if it is not in use yet
        code   several-heads
      exit 2"
    `);
  });

  it('a revision that does not load', async () => {
    const broken = (folder: string) =>
      writeFile(`${folder}/migrations/versions/0003_x.py`, 'import nix_da\n');
    expect(await release('broken', broken)).toMatchInlineSnapshot(`
      "error: the revision file migrations/versions/0003_x.py does not load, line 1
        why    ModuleNotFoundError: No module named 'nix_da'
        state  this command changed nothing
        next   1. correct that file: one that does not load stops all of Alembic
               2. try it: alembic history
        code   revision-file-broken
      exit 2"
    `);
  });

  it('a database at a revision that no file has', async () => {
    const versions = (folder: string) => `${folder}/migrations/versions`;
    const foreign = async (folder: string) => {
      await rm(versions(folder), { recursive: true });
      await mkdir(versions(folder));
      await revision('0001_elsewhere')(folder);
    };
    expect(await release('foreign', foreign)).toMatchInlineSnapshot(`
      "error: the database is at 0001_first, and no revision file has that id (newest: 0001_elsewhere)
        state  this command changed nothing
        next   1. use the release that has this revision: the database may be ahead of these files
               2. if its file was deleted, bring it back from version control
        code   unknown-revision
      exit 2"
    `);
  });

  it('a revision id that is longer than the version column', async () => {
    expect(await release('long', revision('0003_a_name_that_says_everything_there_is', '0002_gifts')))
      .toMatchInlineSnapshot(`
      "error: the revision id 0003_a_name_that_says_everything_there_is has 41 characters, and the version table holds 32
        state  this command changed nothing
        next   1. give it a shorter id: revision in its file, and down_revision in those that build on it
               2. or widen the column in a revision before it: ALTER TABLE alembic_version ALTER COLUMN version_num TYPE varchar(255)
        code   revision-id-too-long
      exit 2"
    `);
  });
});

describe('Temporal', () => {
  it('is not reachable: the embedded one was stopped', async () => {
    const stack = project.path('.lockkeeper', 'stack.json');
    await writeFile(stack, JSON.stringify({ temporal: { address: '127.0.0.1:1' } }));
    expect(await lockkeeper(['deploy', '--auto-migrate'], { TEMPORAL_ADDRESS: '' })).toMatchInlineSnapshot(`
      "error: Temporal does not answer at 127.0.0.1:1
        why    Failed to connect before the deadline
        state  this command changed nothing
        next   1. start the embedded one: lockkeeper up
               2. or say where yours is: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, or a profile in temporal.toml
        code   temporal-unreachable
      exit 2"
    `);
    await rm(stack);
  });

  it('is not where it was said to be', async () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    expect(await lockkeeper(['deploy', '--auto-migrate'], env)).toMatchInlineSnapshot(`
      "error: Temporal does not answer at 127.0.0.1:1
        why    Failed to connect before the deadline
        state  this command changed nothing
        next   1. see whether it runs: temporal operator cluster health --address 127.0.0.1:1
               2. or correct TEMPORAL_ADDRESS or temporal.toml (without both, lockkeeper up starts one here)
        code   temporal-unreachable
      exit 2"
    `);
    expect(await lockkeeper(['worker'], env)).toMatch(
      /does not answer at 127.0.0.1:1\n {2}why {4}Connection refused.*exit 2$/s,
    );
  });

  it('has no such namespace', async () => {
    const env = { TEMPORAL_NAMESPACE: 'nonesuch' };
    expect(await lockkeeper(['status'], env)).toMatchInlineSnapshot(`
      "error: Temporal at HOST:PORT has no namespace nonesuch
        state  this command changed nothing
        next   1. create it: temporal operator namespace create nonesuch --retention 30d
               2. or name another: TEMPORAL_NAMESPACE
        code   no-namespace
      exit 2"
    `);
    expect(await lockkeeper(['worker'], env)).toMatch(/has no namespace nonesuch.*exit 2$/s);
  });

  it('has no worker: said within 3 seconds, with how to start one', async () => {
    const began = performance.now();
    expect(await lockkeeper(['deploy', '--auto-migrate', '--release', 'r2'])).toMatchInlineSnapshot(`
      "error: no worker listens on task queue TARGET
        state  this command changed nothing
        next   1. start one on the host that owns the target: lockkeeper worker
               2. lockkeeper doctor shows what it needs
        code   no-worker
      exit 2"
    `);
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it('gives the port for the health of the worker to nobody else', async () => {
    const { port } = new URL(project.url);
    expect(await lockkeeper(['worker', '--health-port', port])).toMatch(
      /healthz cannot be served at HOST:PORT\n {2}why {4}listen EADDRINUSE.*ss -ltnp.*exit 2$/s,
    );
  });
});
