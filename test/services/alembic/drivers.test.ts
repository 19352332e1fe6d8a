import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inspect } from '../../../src/adapters/alembic/inspect.js';
import type { BridgeEvent } from '../../../src/adapters/alembic/events.js';
import { drivers, run, testProject as project, type Driver, type Revision } from './project.js';

const chain: Revision[] = [
  {
    id: 'r1',
    up: "op.create_table('a', sa.Column('id', sa.Integer, primary_key=True), sa.Column('n', sa.Text))",
    back: "op.drop_table('a')",
  },
  {
    id: 'r2',
    down: 'r1',
    up: `op.add_column('a', sa.Column('m', sa.Integer))
op.execute("insert into a (n) select 'x' from generate_series(1, 3)")
op.bulk_insert(sa.table('a', sa.column('n')), [{'n': 'b1'}, {'n': 'b2'}])`,
    back: "op.drop_column('a', 'm')",
  },
  {
    id: 'r3',
    down: 'r2',
    up: `with op.get_context().autocommit_block():
    op.create_index('a_n', 'a', ['n'], postgresql_concurrently=True)
op.execute('alter table a add constraint m_small check (m < 10)')`,
    back: `op.execute('alter table a drop constraint m_small')
with op.get_context().autocommit_block():
    op.drop_index('a_n', 'a', postgresql_concurrently=True)`,
  },
];

/** What r1 makes, without the time that Python takes. */
const atR1 =
  'create table a (id serial primary key, n text); create table alembic_version (version_num varchar(32)); ' +
  "insert into alembic_version values ('r1')";

const settings = `
row = op.get_bind().execute(sa.text("select current_setting('lock_timeout'), current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'), current_setting('client_connection_check_interval', true), current_setting('transaction_timeout', true), current_setting('application_name')")).fetchone()
op.execute("create table settings as select '" + '|'.join(str(each) for each in row) + "'::text as seen")`;

const hostile = {
  statement_timeout: '1ms',
  lock_timeout: '1ms',
  idle_in_transaction_session_timeout: '1ms',
  transaction_timeout: '1s',
};

describe.each(drivers)('%s', (driver: Driver) => {
  it('runs exactly the revisions asked for, and takes exactly these back', async () => {
    const shop = await project(chain, { driver });
    const seen = await inspect(shop.alembic, { from: 'database' });
    expect(seen).toMatchObject({ current: [], heads: ['r3'], identity: { database: shop.name } });
    expect(seen.pending.map(({ revision }) => revision)).toEqual(['r1', 'r2', 'r3']);
    expect(await shop.query("select to_regclass('alembic_version') as t")).toEqual([{ t: null }]);

    const events: BridgeEvent[] = [];
    const up = await run(shop, 'upgrade', ['r1', 'r2'], [], {
      expectDatabase: seen.identity,
      onEvent: (event) => events.push(event),
    });
    expect(up).toMatchObject({ revisions: ['r1', 'r2'] });
    expect(
      events
        .filter(({ event }) => event.startsWith('step'))
        .map((each) => 'revision' in each && each.revision),
    ).toEqual(['r1', 'r1', 'r2', 'r2']);
    expect(await shop.query('select version_num from alembic_version')).toEqual([{ version_num: 'r2' }]);
    expect(await shop.query('select count(*)::int from a')).toEqual([{ count: 5 }]);

    await run(shop, 'upgrade', ['r3'], ['r2']);
    await run(shop, 'downgrade', ['r3', 'r2'], ['r3']);
    expect(await shop.query('select version_num from alembic_version')).toEqual([{ version_num: 'r1' }]);
    expect((await inspect(shop.alembic, { from: 'database', render: 'none' })).current).toEqual(['r1']);
    expect(existsSync(join(shop.folder, 'migrations/versions/__pycache__'))).toBe(false);
  });

  it('builds an index CONCURRENTLY outside a transaction, without a lock timeout', async () => {
    const configure = driver === 'psycopg' ? 'transaction_per_migration=True' : '';
    const shop = await project(chain, { driver, configure });
    await shop.query(`${atR1}; update alembic_version set version_num = 'r2'; alter table a add m int`);
    const writer = await shop.connect();
    await writer.query("begin; insert into a (n) values ('w')");
    const released = setTimeout(900).then(() => writer.query('commit'));
    await run(shop, 'upgrade', ['r3'], ['r2']);
    await released;
    expect(await shop.query("select indisvalid from pg_index where indexrelid = 'a_n'::regclass")).toEqual([
      { indisvalid: true },
    ]);
  });

  it('has its settings in force where the role has hostile ones', async () => {
    const shop = await project([{ id: 's1', up: settings }], { driver });
    const role = `hostile_${shop.name}`;
    await shop.query(
      `create role ${role} login superuser password 'x'; ` +
        Object.entries(hostile)
          .map(([name, value]) => `alter role ${role} set ${name} = '${value}'`)
          .join('; '),
    );
    const url = new URL(shop.alembic.environment['DATABASE_URL'] ?? '');
    Object.assign(url, { username: role, password: 'x' });
    const alembic = { ...shop.alembic, environment: { DATABASE_URL: url.href } };
    await run({ ...shop, alembic }, 'upgrade', ['s1'], [], { lockTimeoutMs: 700 });
    await shop.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
    const [row] = await shop.query('select seen from settings');
    expect(row?.['seen']).toBe('700ms|0|0|2s|0|lockkeeper migrate shop run-1');
  });

  it('tells a lock that was not to be had, and has changed nothing', async () => {
    const shop = await project(chain, { driver });
    await shop.query(atR1);
    const reader = await shop.connect();
    await reader.query('begin; select * from a');
    await expect(run(shop, 'upgrade', ['r2'], ['r1'])).rejects.toMatchObject({
      code: 'lock-timeout',
      told: {
        retry: true,
        what: expect.stringContaining('revision r2 did not get a lock in time; nothing was changed'),
      },
    });
    expect(await shop.query('select version_num from alembic_version')).toEqual([{ version_num: 'r1' }]);
  });

  it("tells the revision, the statement and the database's words of a migration that fails", async () => {
    const shop = await project(
      [
        ...chain.slice(0, 1),
        {
          id: 'bad',
          down: 'r1',
          up: "op.execute('create table b (id int)')\nop.execute('alter table nowhere add x int')",
        },
      ],
      { driver },
    );
    await expect(run(shop, 'upgrade', ['r1', 'bad'], [])).rejects.toMatchObject({
      code: 'migration-failed',
      told: {
        what: 'revision bad failed at migrations/versions/bad_.py:12; nothing was changed',
        why: 'relation "nowhere" does not exist (42P01); the statement: alter table nowhere add x int',
      },
    });
    expect(await shop.query("select to_regclass('a') as a, to_regclass('alembic_version') as v")).toEqual([
      { a: null, v: null },
    ]);
  });

  it('tells words of the driver, and no password, when it cannot connect', async () => {
    const shop = await project(chain, { driver });
    const url = `postgresql+${driver}://postgres:s3cret@127.0.0.1:1/x`;
    const refused = inspect({ ...shop.alembic, environment: { DATABASE_URL: url } }, { from: 'database' });
    await expect(refused).rejects.toMatchObject({ code: 'alembic-cannot-connect', told: { retry: true } });
    await expect(refused).rejects.not.toThrow(/s3cret/);
  });
});
