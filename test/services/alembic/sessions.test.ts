import type { BridgeAsk, BridgeEvent, Leave } from '../../../src/adapters/alembic/events.js';
import { installedPostgres } from '../../support/installed-postgres.js';
import { drivers, run, testProject, type Revision } from './project.js';

const r1: Revision = { id: 'r1', up: "op.create_table('a', sa.Column('id', sa.Integer))" };
const vacuum: Revision = { id: 'r1', up: "op.execute('vacuum')" };

it('a database that takes no changes is refused before anything runs', async () => {
  const project = await testProject([r1]);
  await project.query(`alter database ${project.name} set default_transaction_read_only = on`);
  await expect(run(project, 'upgrade', ['r1'], [])).rejects.toMatchObject({
    code: 'database-read-only',
    told: { what: expect.stringContaining('nothing was run') as string, retry: false },
  });
});

it('a standby is refused before anything runs', async () => {
  const server = await installedPostgres('/usr/lib/postgresql/15/bin', {}, { standby: true });
  const database = { name: 'postgres', url: server.url('postgres'), drop: () => Promise.resolve() };
  try {
    const project = await testProject([r1], { database });
    await expect(run(project, 'upgrade', ['r1'], [])).rejects.toMatchObject({
      code: 'database-read-only',
      told: { what: expect.stringContaining('a standby') as string, retry: false },
    });
  } finally {
    await server.stop();
  }
}, 60_000);

it('what PostgreSQL runs outside of transactions only says how', async () => {
  const project = await testProject([vacuum]);
  await expect(run(project, 'upgrade', ['r1'], [])).rejects.toMatchObject({
    code: 'migration-not-in-transaction',
    told: {
      why: expect.stringContaining('VACUUM cannot run inside a transaction block') as string,
      next: expect.arrayContaining([expect.stringContaining('autocommit_block')]) as string[],
    },
  });
});

it('a pooler that changes sessions from one transaction to the next is refused', async () => {
  // The session that is asked at each step is another one than at the start, as with PgBouncer in transaction mode.
  const envHead = `
import sqlalchemy
@sqlalchemy.event.listens_for(sqlalchemy.engine.Engine, "connect", insert=False)
def pooled(dbapi, record):
    record.info["lockkeeper"]["pid"] += 1
`;
  const project = await testProject([r1], { envHead });
  await expect(run(project, 'upgrade', ['r1'], [])).rejects.toMatchObject({ code: 'sessions-pooled' });
  expect(await project.query("select to_regclass('a') as a")).toEqual([{ a: null }]);
});

it('a lock_timeout that the project sets itself is not left in force where it may wait', async () => {
  const up = `op.execute("set lock_timeout = '30s'")
op.execute('alter table a add x int')
op.get_bind().execute(sa.text("create table seen as select current_setting('lock_timeout') as t"))`;
  const project = await testProject([{ id: 'r1', up }]);
  await project.query('create table a (id int)');
  const leave = (ask: BridgeAsk): Leave =>
    ask.ask === 'statement' && /alter/.test(ask.sql)
      ? { do: 'go', lockTimeoutMs: 150, savepoint: true }
      : { do: 'go' };
  await run(project, 'upgrade', ['r1'], [], { lockTimeoutMs: 150, leave });
  expect(await project.query('select t from seen')).toEqual([{ t: '150ms' }]);
});

describe.each(drivers)('%s', (driver) => {
  const own = {
    psycopg2: "import psycopg2\nown = psycopg2.connect(URL)\nown.cursor().execute('select 1')\nown.close()",
    psycopg: "import psycopg\nwith psycopg.connect(URL) as own:\n    own.execute('select 1')",
    asyncpg:
      'import asyncio, asyncpg, threading\n' +
      "async def go():\n    own = await asyncpg.connect(URL)\n    await own.execute('select 1')\n    await own.close()\n" +
      'aside = threading.Thread(target=lambda: asyncio.run(go()))\naside.start()\naside.join()',
  }[driver];

  it('a connection that a revision opens itself is told, and no other', async () => {
    const head = "import os\nURL = os.environ['DATABASE_URL'].replace('+' + os.environ['DRIVER'], '')";
    const environment = { DRIVER: driver };
    const project = await testProject(
      [{ id: 'r1', head, up: `${own}\nop.execute('create table b (id int)')` }],
      {
        ...{ driver, environment },
      },
    );
    const events: BridgeEvent[] = [];
    await run(project, 'upgrade', ['r1'], [], { onEvent: (event) => events.push(event) });
    expect(events.filter(({ event }) => event === 'own_connection')).toEqual([
      {
        event: 'own_connection',
        revision: 'r1',
        driver,
        at: expect.stringMatching(/r1_\.py:\d+$/) as string,
      },
    ]);
  });
});
