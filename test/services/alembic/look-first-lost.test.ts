import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { downgrade } from '../../../src/activities/downgrade.js';
import { settle } from '../../../src/activities/settle.js';
import { DYING_PYTHON } from '../../support/kills-project.js';
import { until } from '../../support/project.js';
import { quietWork } from '../../support/settings-home.js';
import { projectPython } from '../../support/servers.js';
import { looking, ORDERS } from './looking.js';
import { testProject, type Revision, type TestProject } from './project.js';

const column: Revision = {
  id: 'r1',
  up: "op.add_column('orders', sa.Column('note', sa.Text))",
  back: "op.drop_column('orders', 'note')",
};
const index: Revision = {
  id: 'r2',
  down: 'r1',
  up: "with op.get_context().autocommit_block():\n    op.create_index('orders_n', 'orders', ['n'], postgresql_concurrently=True)",
  back: "with op.get_context().autocommit_block():\n    op.drop_index('orders_n', 'orders', postgresql_concurrently=True)",
};

/** What the server has done and kept, by its own account. */
const LOG = `create schema log;
  create table log.done (tag text);
  create function log.note() returns event_trigger language plpgsql as
    $$ begin insert into log.done values (tg_tag); end $$;
  create event trigger note on ddl_command_end when tag in ('ALTER TABLE', 'CREATE INDEX') execute function log.note();`;

async function shop(revisions: readonly Revision[], dieOn?: string) {
  const project = await testProject(revisions, { configure: 'transaction_per_migration=True' });
  await project.query(`${ORDERS}; ${LOG}`);
  if (dieOn) {
    writeFileSync(join(project.folder, 'python.py'), DYING_PYTHON.replaceAll('../../die-on', 'die-on'));
    project.alembic.python = [projectPython, 'python.py'];
  }
  const run = await looking(project);
  if (dieOn) project.write('die-on', dieOn);
  const input = { target: 'shop', runId: run.runId, planHash: run.planHash };
  return { project, run, settle: () => settle(run.home, input, quietWork()), input };
}
const done = async (project: TestProject) =>
  (await project.query('select tag from log.done')).map(({ tag }) => tag);
const indexes = (project: TestProject) =>
  project.query(
    "select indexrelid::regclass::text as name, indisvalid as valid from pg_index where indexrelid = to_regclass('orders_n')",
  );

describe('Python is killed, and nobody has heard what it said last', () => {
  it.each([
    ['before a statement is sent', '"ask": "statement"', 'old'],
    ['a statement was sent and is done', '"event": "statement"', 'old'],
    ['between two revisions', '"event": "step_done"', 'between'],
    ['committed, but not answered', '"event": "done"', 'new'],
  ])('%s', async (_, dieOn, found) => {
    const { project, run, settle } = await shop([column, index], dieOn);
    await expect(run.upgrade()).rejects.toMatchObject({ code: 'bridge-died' });
    expect(await settle()).toMatchObject({ found });
    await run.upgrade();
    expect(await done(project)).toEqual(['ALTER TABLE', 'CREATE INDEX']);
    expect(await indexes(project)).toEqual([{ name: 'orders_n', valid: true }]);
  });
});

describe('in the middle of CREATE INDEX CONCURRENTLY, which waits for a writer', () => {
  async function building() {
    const made = await shop([{ ...index, down: null }]);
    const { project, run } = made;
    const writer = await project.connect();
    await writer.query('BEGIN; UPDATE orders SET n = 1 WHERE id = 1');
    const stop = new AbortController();
    const migrating = run.upgrade(undefined, stop.signal).then(
      () => undefined,
      (error: unknown) => error,
    );
    const builder = async () => {
      const [row] = await project.query("select pid from pg_stat_activity where query ilike 'create index%'");
      return row?.['pid'] as number | undefined;
    };
    await until(async () => (await builder()) !== undefined, 10_000, 'a build');
    return { ...made, migrating, writer, stop, builder };
  }

  it('people are told for whom it waits', async () => {
    const { migrating, writer, run, project } = await building();
    await sleep(2_500);
    await writer.query('COMMIT');
    expect(await migrating).toBeUndefined();
    expect(run.said.join('\n')).toMatch(/CREATE INDEX CONCURRENTLY .*, for .*: waits for pid \d+ \(user/);
    expect(await indexes(project)).toEqual([{ name: 'orders_n', valid: true }]);
  });

  it('its session is ended: what it left is dropped, and it is built anew', async () => {
    const { migrating, writer, builder, project, run, settle } = await building();
    await project.query(`select pg_terminate_backend(${await builder()})`);
    expect(await migrating).toMatchObject({
      code: expect.stringMatching(/^(migration-|commit-unknown)/) as string,
    });
    await writer.query('COMMIT');
    expect(await indexes(project)).toEqual([{ name: 'orders_n', valid: false }]);
    expect(await settle()).toMatchObject({
      found: 'old',
      note: expect.stringContaining('dropped') as string,
    });
    expect(await indexes(project)).toEqual([]);
    await run.upgrade();
    expect(await indexes(project)).toEqual([{ name: 'orders_n', valid: true }]);
  });

  it('Python is killed: the orphan ends by itself, and what it made counts as never begun', async () => {
    const { migrating, writer, stop, project, run, settle } = await building();
    stop.abort(new Error('killed'));
    expect(await migrating).toMatchObject({ message: 'killed' });
    await writer.query('COMMIT');
    expect(await settle()).toMatchObject({ found: 'old' });
    expect(await indexes(project)).toEqual([]);
    await run.upgrade();
    expect(await indexes(project)).toEqual([{ name: 'orders_n', valid: true }]);
  });
});

it('a build that fails leaves nothing once it is taken back', async () => {
  const unique = { ...index, down: null, up: index.up!.replace("['n'],", "['n'], unique=True,") };
  const { run, project, input } = await shop([unique]);
  await expect(run.upgrade()).rejects.toMatchObject({ code: 'migration-failed' });
  expect(await indexes(project)).toEqual([{ name: 'orders_n', valid: false }]);
  expect(await downgrade(run.home, input, quietWork())).toMatchObject({
    note: expect.stringContaining('the schema is as before') as string,
  });
  expect(await indexes(project)).toEqual([]);
});
