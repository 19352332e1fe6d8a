import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { inspect } from '../../../src/adapters/alembic/inspect.js';
import { bridgeText } from '../../../src/adapters/alembic/project.js';
import { run, testProject, type Revision, type TestProject } from './project.js';

const r1: Revision = {
  id: 'r1',
  up: "op.create_table('a', sa.Column('id', sa.Integer))",
  back: "op.drop_table('a')",
};
const slow: Revision = {
  id: 'slow',
  up: "op.execute('create table b (id int)')\nop.execute('select pg_sleep(60)')",
};
const until = async (done: () => Promise<boolean>) => {
  for (let tries = 0; tries < 100 && !(await done()); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await done()).toBe(true);
};
const sleeping = (shop: TestProject) => async () =>
  (
    await shop.query(
      "select 1 from pg_stat_activity where query = 'select pg_sleep(60)' and datname = current_database()",
    )
  ).length > 0;

it('is not disturbed by prints, children, reads, nor by modules of the project named as those it needs', async () => {
  const noisy = `import subprocess, sys
print("noise without an end", end="")
subprocess.run("echo child; cat", shell=True)
assert sys.stdin.read() == ""
os.write(1, b"bytes")`;
  const shop = await testProject([{ ...r1, head: 'print("@lk:0 {}")\nimport os\nos.system("echo child")' }], {
    envHead: noisy,
  });
  for (const file of ['json.py', 'alembic/__init__.py', 'sqlalchemy.py', 'argparse.py'])
    shop.write(file, 'raise SystemExit("taken")\n');
  expect((await inspect(shop.alembic, { from: 'database' })).pending).toHaveLength(1);
  await run(shop, 'upgrade', ['r1'], []);
  await run(shop, 'downgrade', ['r1'], ['r1']);
});

it('refuses another database than the settings mean, and names both', async () => {
  const shop = await testProject([r1]);
  const { identity } = await inspect(shop.alembic, { from: 'database' });
  const expected = { database: 'other', startedAt: identity.startedAt };
  await expect(run(shop, 'upgrade', ['r1'], [], { expectDatabase: expected })).rejects.toMatchObject({
    code: 'wrong-database',
    told: { what: expect.stringMatching(new RegExp(`${shop.name} on the server .* not other on`)) },
  });
  const restarted = { database: shop.name, startedAt: '2020-01-01 00:00:00+00' };
  await expect(run(shop, 'upgrade', ['r1'], [], { expectDatabase: restarted })).rejects.toMatchObject({
    code: 'wrong-database',
  });
  expect(await shop.query("select to_regclass('a') as t")).toEqual([{ t: null }]);
});

it('names who holds the advisory lock, waits for it as long as it is told to, and shares it among its own sessions', async () => {
  const pool =
    'from sqlalchemy import create_engine as make\nother = make(os.environ["DATABASE_URL"].replace("asyncpg", "psycopg2")).connect()';
  const shop = await testProject([r1], { envHead: pool });
  const holder = await shop.connect();
  await holder.query(
    "set application_name = 'lockkeeper other'; select pg_advisory_lock(1280262987, 1262830928)",
  );
  await expect(run(shop, 'upgrade', ['r1'], [], { lockWaitMs: 300 })).rejects.toMatchObject({
    code: 'lock-held',
    told: {
      retry: true,
      what: expect.stringMatching(/pid \d+, application lockkeeper other, user \w+/),
    },
  });
  expect((await inspect(shop.alembic, { from: 'database' })).current).toEqual([]);
  const waits: unknown[] = [];
  const waiting = run(shop, 'upgrade', ['r1'], [], {
    lockWaitMs: 20_000,
    onEvent: (event) => {
      if (event.event !== 'lock_wait') return;
      waits.push(event.holder);
      void holder.end();
    },
  });
  await expect(waiting).resolves.toMatchObject({ revisions: ['r1'] });
  expect(waits).toHaveLength(1);
});

it('is rolled back by a kill -9 in the middle of a statement, and says that nobody knows', async () => {
  const shop = await testProject([slow]);
  let pid = 0;
  const running = run(shop, 'upgrade', ['slow'], [], { onStart: (started) => (pid = started) });
  const failed = expect(running).rejects.toMatchObject({
    code: 'bridge-died',
    told: { retry: false, why: 'it was ended by SIGKILL' },
  });
  await until(sleeping(shop));
  process.kill(pid, 'SIGKILL');
  await failed;
  await until(async () => !(await sleeping(shop)()));
  expect(await shop.query("select to_regclass('b') as t, to_regclass('alembic_version') as v")).toEqual([
    { t: null, v: null },
  ]);
});

it('ends with the signal, and leaves no process and no session', async () => {
  const shop = await testProject([slow]);
  const stop = new AbortController();
  const running = run(shop, 'upgrade', ['slow'], [], { signal: stop.signal });
  const failed = expect(running).rejects.toThrow('cancelled by a test');
  await until(sleeping(shop));
  stop.abort(new Error('cancelled by a test'));
  await failed;
  await until(async () => !(await sleeping(shop)()));
});

it('stops at the next statement, and rolls back, when the worker is gone', async () => {
  const shop = await testProject([
    {
      id: 'r1',
      up: "op.execute('create table b (id int)')\ntry:\n    op.execute('select 1')\nexcept Exception:\n    pass",
    },
  ]);
  const options = { handshake: true, ask: 'statements', revisions: ['r1'], expectFrom: [] };
  // The worker says yes to the connection, the step and the first statement, and dies.
  const input = [1, 2, 3].map((id) => `${JSON.stringify({ id, do: 'go' })}\n`).join('');
  const [python = ''] = shop.alembic.python;
  let said = '';
  try {
    execFileSync(python, ['-c', bridgeText(), 'n', 'upgrade', JSON.stringify(options)], {
      cwd: shop.folder,
      env: { ...process.env, ...shop.alembic.environment },
      input,
    });
  } catch (error) {
    said = String((error as { stdout: Buffer }).stdout);
  }
  expect(said).toMatch(/"kind": "aborted"/);
  expect(said).toMatch(/"changed": false/);
  expect(await shop.query("select to_regclass('b') as t")).toEqual([{ t: null }]);
});

it('says that nobody knows when the connection breaks while the migration is committed', async () => {
  const shop = await testProject([r1]);
  await shop.query(`create table alembic_version (version_num varchar(32) primary key);
    create function die() returns trigger language plpgsql as 'begin perform pg_terminate_backend(pg_backend_pid()); return new; end';
    create constraint trigger die after insert on alembic_version deferrable initially deferred
      for each row execute function die()`);
  await expect(run(shop, 'upgrade', ['r1'], [])).rejects.toMatchObject({
    code: 'commit-unknown',
    told: { retry: false },
  });
});

it('ends the bridge when the one who listens fails', async () => {
  const shop = await testProject([slow]);
  const onEvent = () => {
    throw new Error('cannot write the log');
  };
  await expect(run(shop, 'upgrade', ['slow'], [], { onEvent })).rejects.toThrow('cannot write the log');
  expect(await shop.query("select to_regclass('b') as t")).toEqual([{ t: null }]);
});

it('says what is committed already when a later part fails', async () => {
  const shop = await testProject([
    {
      ...r1,
      up: `${r1.up}\nwith op.get_context().autocommit_block():\n    op.execute('create index concurrently on a (id)')\nop.execute('boom')`,
    },
  ]);
  await expect(run(shop, 'upgrade', ['r1'], [])).rejects.toMatchObject({
    code: 'migration-failed',
    told: { what: expect.stringContaining('part of it is committed already') },
  });
});

it('has its settings in force on connections that a creator made, and when a migration sends COMMIT as text', async () => {
  const creator = `import psycopg2
make = create_engine
def create_engine(url, **options):
    return make("postgresql+psycopg2://", creator=lambda: psycopg2.connect(os.environ["DATABASE_URL"].replace("+psycopg2", "")), **options)`;
  const shop = await testProject(
    [
      {
        ...r1,
        up: `${r1.up}\nop.execute("create table seen as select current_setting('lock_timeout') as t")\nop.execute('COMMIT')\nop.execute('create index concurrently a_id on a (id)')`,
      },
    ],
    { envHead: creator },
  );
  await run(shop, 'upgrade', ['r1'], []);
  expect(await shop.query('select t from seen')).toEqual([{ t: '300ms' }]);
  expect(await shop.query("select indisvalid from pg_index where indexrelid = 'a_id'::regclass")).toEqual([
    { indisvalid: true },
  ]);
});

it('does not let a migration open connections while it is only rendered', async () => {
  const own = `engine = sa.create_engine(os.environ["DATABASE_URL"])
with engine.begin() as connection:
    connection.execute(sa.text("create table harm (id int)"))`;
  const shop = await testProject([{ id: 'r1', head: 'import os', up: own }]);
  const [revision] = (await inspect(shop.alembic, { from: 'database' })).pending;
  expect(revision).toMatchObject({
    upSql: null,
    upError: expect.stringContaining('migrations/versions/r1_.py:12'),
  });
  expect(await shop.query("select to_regclass('harm') as t")).toEqual([{ t: null }]);
  expect(join(shop.folder, revision?.file ?? '')).toMatch(/r1_\.py$/);
});
