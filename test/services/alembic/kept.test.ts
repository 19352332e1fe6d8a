import { appendFileSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectOrRecall, type Stands } from '../../../src/adapters/alembic/kept.js';
import { run, testProject, type Options, type Revision, type TestProject } from './project.js';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const R1: Revision = { id: 'r1', up: "op.execute('select 1')" };
const signal = new AbortController().signal;
/** What is written is not kept while the clock of the file system may not have moved on. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 60));

async function kept(revisions: readonly Revision[] = [R1], options?: Options) {
  const shop = await testProject(revisions, options);
  const folder = mkdtempSync(join(tmpdir(), 'lk-kept-'));
  folders.push(folder);
  await settle();
  let started = 0;
  const look = async (alembic = shop.alembic) => {
    started = 0;
    const inspection = await inspectOrRecall(alembic, { signal, onStart: () => (started += 1) }, folder, () =>
      stands(shop),
    );
    return { python: started > 0, sql: inspection.pending.map(({ upSql }) => upSql?.trim()) };
  };
  return { shop, look };
}

async function stands(shop: TestProject): Promise<Stands> {
  const [row] = await shop.query(
    "select current_database()::text as database, to_char(pg_postmaster_start_time() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as at, to_regclass('alembic_version') is not null as is",
  );
  const revisions = row?.is ? await shop.query('select version_num as id from alembic_version') : [];
  return {
    database: String(row?.database),
    startedAt: String(row?.at),
    revisions: revisions.map(({ id }) => String(id)),
  };
}

it('answers without Python when nothing has changed', async () => {
  const { look } = await kept();
  expect(await look()).toEqual({ python: true, sql: ['select 1;'] });
  expect(await look()).toEqual({ python: false, sql: ['select 1;'] });
});

it.each<[string, (shop: TestProject) => void | Promise<unknown>]>([
  [
    'a revision file',
    (shop) =>
      shop.write(
        'migrations/versions/r1_.py',
        'revision = "r1"\ndown_revision = None\ndef upgrade(): pass\n',
      ),
  ],
  ['a new revision', (shop) => shop.add({ id: 'r2', down: 'r1' })],
  ['env.py', (shop) => appendFileSync(join(shop.folder, 'migrations/env.py'), '# changed')],
  ['alembic.ini', (shop) => shop.write('alembic.ini', '[alembic]\nscript_location = migrations\nx = y\n')],
  ['a module of the project that env.py imports', (shop) => shop.write('models.py', 'NAME = "b"\n')],
  ['a module that comes before one of Python', (shop) => shop.write('colorsys.py', '')],
  ['a file that env.py has read', (shop) => shop.write('settings.txt', 'b')],
  ['a file that env.py has looked for', (shop) => shop.write('migrations/.env.local', '')],
  ['a folder that env.py has listed', (shop) => shop.write('parts/b.sql', '')],
  ['the revision of the database', (shop) => run(shop, 'upgrade', ['r1'], [])],
])('asks Python again after a change of %s', async (_, change) => {
  const { shop, look } = await kept([R1], {
    envHead: [
      'import os, sys, pathlib',
      'sys.path.insert(0, os.path.dirname(os.path.dirname(__file__)))',
      'import models',
      "open(os.path.join(os.path.dirname(__file__), '..', 'settings.txt')).read()",
      "pathlib.Path(__file__).with_name('.env.local').exists()",
      "os.listdir(os.path.join(os.path.dirname(__file__), '..', 'parts'))",
    ].join('\n'),
  });
  shop.write('models.py', 'NAME = "a"\n');
  shop.write('settings.txt', 'a');
  shop.write('parts/a.sql', '');
  await settle();
  await look();
  expect((await look()).python).toBe(false);
  await change(shop);
  await settle();
  expect((await look()).python).toBe(true);
});

it('asks Python again in another environment', async () => {
  const { shop, look } = await kept();
  await look();
  const other = { ...shop.alembic, environment: { ...shop.alembic.environment, STAGE: 'b' } };
  expect((await look(other)).python).toBe(true);
  expect((await look()).python).toBe(false);
});

it.each<[string, string]>([
  ['starts another program', "import subprocess; subprocess.run(['true'])"],
  [
    'asks over the network',
    "import socket\ntry: socket.create_connection(('127.0.0.1', 9), 0.2)\nexcept OSError: pass",
  ],
])('never keeps the answer of a project that %s', async (_, envHead) => {
  const { look } = await kept([R1], { envHead });
  await look();
  expect((await look()).python).toBe(true);
});

it('never keeps the answer of a revision that asks by itself what may change', async () => {
  const { look } = await kept([{ id: 'r1', head: 'import subprocess', up: "subprocess.run(['true'])" }]);
  await look();
  expect((await look()).python).toBe(true);
});

it.each<[string, string]>([
  [
    'a new revision appears',
    "open(versions + '/r2_.py', 'w').write(\"revision='r2'\\ndown_revision='r1'\\ndef upgrade(): pass\")",
  ],
  ['a file that was read is removed', "open('once.txt').read(); os.remove('once.txt')"],
  ['a file that was read is written again', "open('once.txt').read(); open('once.txt', 'w').write('b')"],
])('keeps no answer when %s while Python runs', async (_, does) => {
  const envHead = [
    'import os',
    "versions = os.path.join(os.path.dirname(__file__), 'versions')",
    `if os.path.exists('once.txt'): ${does}`,
  ];
  const { shop, look } = await kept([R1], { envHead: envHead.join('\n') });
  shop.write('once.txt', 'a');
  await settle();
  await look();
  await settle();
  expect((await look()).python).toBe(true);
});

it('does not trust an answer that was cut off', async () => {
  const { look } = await kept();
  await look();
  const folder = folders.at(-1) ?? '';
  for (const name of readdirSync(folder)) truncateSync(join(folder, name), 100);
  expect((await look()).python).toBe(true);
  expect((await look()).python).toBe(false);
});
