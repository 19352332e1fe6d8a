import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type pg from 'pg';
import { settle } from '../../../src/activities/settle.js';
import { installedPostgres, type InstalledServer } from '../../support/installed-postgres.js';
import { processesIn } from '../../support/kills-processes.js';
import { patience, sample } from '../../support/kills-sample.js';
import { until } from '../../support/project.js';
import { quietWork } from '../../support/settings-home.js';
import { root } from '../../support/test-stack.js';
import { looking, ORDERS, type Looking } from './looking.js';
import { testProject, type Revision, type TestProject } from './project.js';

/** Waits in the server for as long as the name is among the held. */
const hold = (name: string) => `op.execute("select log.wait('${name}')")`;
const columns: readonly Revision[] = [
  { id: 'r1', up: `op.execute('alter table orders add column a int')\n${hold('sent')}` },
  { id: 'r2', down: 'r1', up: `${hold('between')}\nop.execute('alter table orders add column b int')` },
];
const block = (sql: string) => `with op.get_context().autocommit_block():\n    op.execute('${sql}')`;
const index: readonly Revision[] = [
  { id: 'r1', up: block('create index concurrently orders_n on orders (n)') },
];
const reindex: readonly Revision[] = [{ id: 'r1', up: block('reindex index concurrently orders_again') }];

/** What the server has committed, by its own account, and who is held. */
const LOG = `create schema log;
  create table log.done (tag text);
  create table log.held (name text);
  create index orders_again on orders (n);
  create function log.wait(what text) returns int language plpgsql as $$ begin
    while exists (select from log.held where name = what) loop perform pg_sleep(0.02); end loop;
    return 1;
  end $$;
  create function log.note() returns event_trigger language plpgsql as
    $$ begin insert into log.done values (tg_tag); end $$;
  create event trigger note on ddl_command_end when tag in ('ALTER TABLE') execute function log.note();`;

interface Point {
  revisions: readonly Revision[];
  /** Lets it come to this point, and stay there. */
  stop: (project: TestProject) => Promise<() => Promise<unknown>>;
  /** SQL that is true once it is there. */
  there: string;
  found: string;
}

const held = (name: string) => async (project: TestProject) => {
  await project.query(`insert into log.held values ('${name}')`);
  const isLetGo = () =>
    project.query('delete from log.held').then(
      () => true,
      () => false, // it recovers from the end of a backend
    );
  return () => until(isLetGo, 60_000 * patience, 'a server that answers');
};
/** In a transaction that stays open. */
const busy = (sql: string) => async (project: TestProject) => {
  const client: pg.Client = await project.connect();
  await client.query(`begin; ${sql}`);
  return () => client.query('commit').catch(() => undefined); // it ended with the server
};
const MIGRATES = "application_name like 'lockkeeper:%:migrate%'";
const runs = (what: string) =>
  `exists (select from pg_stat_activity where ${MIGRATES} and state = 'active' and query ilike '${what}')`;

const points: Record<string, Point> = {
  'before a statement is sent': {
    ...{ revisions: columns, stop: busy('select * from orders'), found: 'old' },
    there: `exists (select from pg_stat_activity where ${MIGRATES} and state like 'idle%')`,
  },
  'a statement is sent': {
    ...{ revisions: columns, stop: held('sent'), there: runs('select log.wait%'), found: 'old' },
  },
  'between two revisions': {
    ...{ revisions: columns, stop: held('between'), there: runs('select log.wait%'), found: 'between' },
  },
  'committed, and perhaps not answered': {
    ...{ revisions: columns, stop: held('nobody'), found: 'new' },
    there: "exists (select from alembic_version where version_num = 'r2')",
  },
  'in CREATE INDEX CONCURRENTLY': {
    ...{ revisions: index, stop: busy('update orders set n = 1 where id = 1'), found: 'old' },
    there: runs('create index%'),
  },
  'in REINDEX CONCURRENTLY': {
    ...{ revisions: reindex, stop: busy('update orders set n = 1 where id = 1'), found: 'old' },
    there: runs('reindex%'),
  },
};
const victims = ['python', 'worker', 'backend'] as const;
const cases = Object.keys(points).flatMap((point) => victims.map((victim) => ({ point, victim })));

let server: InstalledServer;
beforeAll(async () => {
  server = await installedPostgres('/usr/lib/postgresql/15/bin');
}, 120_000);
afterAll(() => server.stop());

const isTrue = (project: TestProject, sql: string): Promise<boolean> =>
  project.query(`select ${sql} as is`).then(
    ([row]) => row?.['is'] === true,
    () => false, // it recovers from the end of a backend
  );

function worker(run: Looking, project: TestProject): ChildProcess {
  const input = JSON.stringify({ target: 'shop', runId: run.runId, planHash: run.planHash });
  const script = join(root, 'test/services/alembic/upgrading-process.ts');
  const settings = join(project.folder, 'lockkeeper.yaml');
  const args = [join(root, 'scripts/run-ts.mjs'), script, settings, input];
  return spawn(process.execPath, args, { cwd: root, stdio: 'ignore' });
}

async function kill(victim: (typeof victims)[number], migrating: ChildProcess, project: TestProject) {
  if (victim === 'worker') return migrating.kill('SIGKILL');
  const pids =
    victim === 'python'
      ? await processesIn(project.folder, 'python')
      : (await project.query(`select pid from pg_stat_activity where ${MIGRATES}`)).map(
          ({ pid }) => pid as number,
        );
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return pids;
}

/** As a run does it: what became of it is asked, and it goes on where that is proved to be well. */
async function putRight(run: Looking): Promise<string> {
  const input = { target: 'shop', runId: run.runId, planHash: run.planHash };
  for (let tries = 0; ; tries += 1) {
    try {
      const { found, goesOn } = await settle(run.home, input, quietWork());
      expect({ found, goesOn }).toEqual({ found, goesOn: found === 'between' ? true : undefined });
      await run.upgrade();
      return found;
    } catch (error) {
      if (tries === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

it.each(sample(cases, 2))(
  '$victim is killed: $point',
  async ({ victim, point }) => {
    const { revisions, stop, there, found } = points[point]!;
    const database = await server.freshDatabase();
    const project = await testProject(revisions, { database, configure: 'transaction_per_migration=True' });
    await project.query(`${ORDERS}; ${LOG}`);
    const run = await looking(project);
    const goOn = await stop(project);
    const migrating = worker(run, project);
    const over = once(migrating, 'exit');
    await until(() => isTrue(project, there), 60_000 * patience, point, 20);
    await kill(victim, migrating, project).catch(() => undefined); // it may have ended by then
    await goOn();
    await over;
    expect(await putRight(run)).toBe(found);
    const head = revisions.at(-1)!.id;
    expect(await project.query('select version_num from alembic_version')).toEqual([{ version_num: head }]);
    const done = await project.query('select tag from log.done');
    expect(done).toHaveLength(revisions === columns ? 2 : 0);
    const indexes = await project.query(
      "select relname as name, indisvalid as valid from pg_index join pg_class on oid = indexrelid where relname like 'orders_%' and relname <> 'orders_pkey' order by 1",
    );
    const names = [...(revisions === index ? ['orders_n'] : []), 'orders_again'].sort();
    expect(indexes).toEqual(names.map((name) => ({ name, valid: true })));
  },
  180_000 * patience,
);
