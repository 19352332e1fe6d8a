import { jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { beginBackfill, workOnBackfill } from '../../../src/activities/backfill/work-on.js';
import { homeAt, type Home } from '../../../src/activities/home.js';
import { placeOf } from '../../../src/activities/compose/target.js';
import type { Work } from '../../../src/activities/work.js';
import { bridgesOf } from '../../../src/adapters/compose/bridge-containers.js';
import { containersWith } from '../../../src/adapters/compose/containers.js';
import { dockerEngine, engine } from '../../support/docker/engine.js';
import { baseImage } from '../../support/docker/images.js';
import { until } from '../../support/project.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { root } from '../../support/test-stack.js';
import { query } from './support.js';

jest.setTimeout(300_000);

/** The application and its function are in an image: nothing of them lies on this host. A real engine, a real PostgreSQL. */
const name = `lkfills${randomBytes(4).toString('hex')}`;
const reference = `lk-test/${name}:latest`;
let folder: string;
let database: TestDatabase;
let [withFills, without] = ['', ''];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-fills-'));
  await dockerEngine();
  const base = await baseImage();
  const app = join(folder, 'app');
  await mkdir(join(app, 'migrations', 'versions'), { recursive: true });
  const ini = '[alembic]\nscript_location = migrations\nprepend_sys_path = .\n';
  await writeFile(join(app, 'alembic.ini'), ini);
  without = await imageOf(base, app);
  await copyFile(join(root, 'test/services/backfill/fills.py'), join(app, 'fills.py'));
  withFills = await imageOf(base, app);
  await rm(app, { recursive: true });
}, 1_200_000);
beforeEach(async () => {
  database = await freshDatabase();
  await query(
    database.url,
    `CREATE TABLE t (id int PRIMARY KEY, a text, n int); INSERT INTO t SELECT i, i::text FROM generate_series(1, 40) i`,
  );
  await writeFile(join(folder, 'url'), database.url);
  await writeFile(join(folder, 'docker-compose.prod.yml'), stringify({ services: { app: service() } }));
  await writeFile(join(folder, 'lockkeeper.yaml'), stringify({ version: 1, targets: { shop: target() } }));
});
afterEach(() => database.drop());
afterAll(async () => {
  await removeContainers();
  for (const image of [reference, withFills, without]) await engine.docker('rmi', image).catch(() => '');
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const service = () => ({
  ...{ image: reference, init: true, network_mode: 'none', command: ['sleep', '600'] },
  environment: { DATABASE_URL: database.url, GREETING: 'hello from compose' },
});
const target = () => ({
  database: { url: 'file:url' },
  alembic: { container: { service: 'app' } },
  deploy: { compose: { project: name, fetch: 'none' }, environment: engine.env },
});

/** An image as a release of the application is: its files in /app. @returns its id */
async function imageOf(base: string, files: string): Promise<string> {
  const container = await engine.docker('create', '--network', 'none', base, 'true');
  await engine.docker('cp', `${files}/.`, `${container}:/app`);
  const id = await engine.docker('commit', container);
  await engine.docker('rm', container);
  return id;
}

async function removeContainers(): Promise<void> {
  const ofUs = `label=com.docker.compose.project=${name}`;
  const ids = await engine.docker('ps', '--all', '--quiet', '--filter', ofUs);
  if (ids) await engine.docker('rm', '--force', ...ids.split('\n'));
}

async function runs(image: string): Promise<void> {
  await engine.docker('tag', image, reference);
  await removeContainers();
  const labels = [
    `com.docker.compose.project=${name}`,
    'com.docker.compose.service=app',
    'com.docker.compose.oneoff=False',
  ];
  const args = labels.flatMap((label) => ['--label', label]);
  await engine.docker('run', '--detach', '--network', 'none', ...args, reference, 'sleep', '600');
}

const home = (): Home => homeAt(join(folder, 'lockkeeper.yaml'));
const input = { target: 'shop', name: 'fill', runId: 'a' };
const settings = (does: string, writes = ['n']) => ({
  ...{ table: 't', python: { function: `fills:${does}`, reads: ['a', 'n'], writes } },
  ...{ where: `${writes[0]} IS NULL`, batch: { targetMs: 50, first: 40, least: 1, most: 200 } },
});
const workWith = (signal = new AbortController().signal): Work => ({
  attempt: 1,
  progress: () => undefined,
  signal,
});
const begin = (does: string, writes?: string[]) =>
  beginBackfill(home(), { ...input, settings: settings(does, writes) }, workWith());
const workOn = (signal?: AbortSignal) =>
  workOnBackfill(home(), { ...input, rowsPerSecond: null, forMs: 240_000 }, workWith(signal));
const functions = () =>
  containersWith(placeOf(home().target('shop')), {
    'lockkeeper.role': 'function',
    'lockkeeper.target': 'shop',
  });

it('the function is taken from the image that runs, whatever its tag means by now; it gets no password', async () => {
  await runs(withFills);
  await engine.docker('tag', without, reference);
  await begin('cents');
  expect(await workOn()).toMatchObject({ is: 'over', standing: { phase: 'done', changed: 40, left: 0 } });
  await query(database.url, 'ALTER TABLE t ADD b text; UPDATE t SET a = NULL');
  await beginBackfill(home(), { ...input, again: true, settings: settings('secrets', ['a']) }, workWith());
  expect(await workOn()).toMatchObject({ is: 'over', standing: { changed: 40 } });
  const [{ a } = { a: '' }] = await query<{ a: string }>(database.url, 'SELECT a FROM t LIMIT 1');
  expect(a).toContain('hello from compose');
  expect(a).toContain('postgresql://');
  expect(a).not.toContain(new URL(database.url).password || 'postgres:');
  expect(await functions()).toEqual([]);
});

it('an image without the function is named, in one message, before anything is changed', async () => {
  await runs(without);
  await expect(begin('cents')).rejects.toMatchObject({
    code: 'backfill-no-function',
    message: expect.stringMatching(
      new RegExp(
        `^the function fills:cents of the backfill can not be loaded in the image of release .*${without.slice(7, 19)}`,
      ),
    ) as string,
    told: {
      why: expect.stringMatching(/No module named 'fills'/) as string,
      next: expect.arrayContaining([
        expect.stringMatching(/deploy a release whose image has the function/),
      ]) as string[],
    },
  });
  expect(await query(database.url, 'SELECT count(n)::int AS n FROM t')).toEqual([{ n: 0 }]);
  expect(await functions()).toEqual([]);
});

it('one that dies does so for its own row alone; each container of it is gone', async () => {
  await runs(withFills);
  await begin('dies');
  expect(await workOn()).toMatchObject({
    ...{ is: 'over', standing: { changed: 39, parked: 1 } },
    parked: [{ key: ['7'], code: 'python-died', error: expect.stringMatching(/SIGKILL/) as string }],
  });
  expect(await functions()).toEqual([]);
});

it('whoever cancels it ends its container; a migration beside it takes it for none of its own', async () => {
  await runs(withFills);
  await begin('forever');
  const cancel = new AbortController();
  const working = workOn(cancel.signal).catch((error: unknown) => error);
  await until(async () => (await functions()).length === 1, 60_000, 'the container');
  expect(await bridgesOf(placeOf(home().target('shop')), 'shop')).toEqual([]);
  cancel.abort(new Error('cancelled'));
  expect(await working).toMatchObject({ message: 'cancelled' });
  await until(async () => (await functions()).length === 0, 60_000, 'its end');
});
