import { jest } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { query } from '../services/backfill/support.js';
import { Project, until } from '../support/project.js';

jest.setTimeout(180_000);

/** One backfill as its users see it: begun from a file, paused, left by its worker, resumed, with a row to mend. */
let project: Project;
beforeAll(async () => {
  project = await Project.make();
  await query(project.url, 'ALTER TABLE orders ADD COLUMN cents bigint');
  await query(project.url, 'UPDATE orders SET total = 10 ^ 30 WHERE id = 77');
  const file = `table: orders
set: {cents: 'total * 100'}
where: cents IS NULL
verify: cents = total * 100
batch: {first: 10, most: 50}
rowsPerSecond: 100
`;
  await writeFile(project.path('backfill.yaml'), file);
  await writeFile(project.path('wrong.yaml'), 'table: orders\nset: {cent: total * 100}\n');
  await project.worker();
});
afterAll(() => project.close());

const cli = (...args: string[]) => project.cli(['backfill', ...args]);
interface Status {
  state: string;
  standing: { changed: number; parked: number; left: number | null; differ: number | null };
}
const status = async () => JSON.parse((await cli('status', 'cents', project.target, '--json')).out) as Status;
const untilState = (wanted: string) =>
  until(async () => (await status()).state === wanted, 90_000, `the state ${wanted}`, 500);

it('what cannot be done is told before anything is', async () => {
  const { code, err } = await cli('start', 'cents', project.target, '--file', 'wrong.yaml');
  expect([code, err]).toEqual([
    2,
    expect.stringMatching(
      /the backfill cents can not begin: the column cent of public\.orders.*there is none: it has id, total, cents/s,
    ),
  ]);
  expect((await cli('status', 'other', project.target)).err).toMatch(/there is no backfill other of shop-/);
});

it('it begins, is paused and tells how far it is; its worker is killed; resumed, it parks the row that fails', async () => {
  const started = await cli('start', 'cents', project.target, '--file', 'backfill.yaml');
  expect([started.code, started.out]).toEqual([
    0,
    expect.stringMatching(/^backfill cents of shop-\w+: running/),
  ]);
  expect((await cli('start', 'cents', project.target, '--file', 'backfill.yaml')).err).toMatch(
    /is there already/,
  );
  await until(async () => (await status()).standing.changed > 0, 60_000, 'some rows', 500);
  expect((await cli('pause', 'cents', project.target)).out).toMatch(/^pause: paused/);
  await untilState('paused');
  expect((await cli('status', 'cents', project.target)).out).toMatch(
    /paused\n.*ana@example\.com: pause\n +progress about \d+ % done: \d+ of about \d+ rows looked at/s,
  );
  await project.killWorkers();
  await project.worker();
  expect((await cli('rate', 'cents', '0', project.target)).out).toBe('rate: no limit of people any more\n');
  expect((await cli('rate', 'cents', '5000', project.target)).out).toBe('rate: at most 5000 rows a second\n');
  await cli('resume', 'cents', project.target);
  await untilState('needs a person');
  const asked = await cli('status', 'cents', project.target);
  expect([asked.code, asked.out]).toEqual([
    3,
    expect.stringMatching(/1 parked.*parked +\(77\) 22003: bigint out of range/s),
  ]);
});

it('once the row is mended it is resumed from anywhere, and ends: 0 rows left, all compare', async () => {
  await query(project.url, 'UPDATE orders SET total = 7 WHERE id = 77');
  const workflow = `lockkeeper:${project.target}:backfill:cents`;
  const sent = await project.temporal([
    ...['workflow', 'signal', '--workflow-id', workflow, '--name', 'resume', '--input', '{"by":"bea"}'],
  ]);
  expect(sent.code).toBe(0);
  await untilState('done');
  expect((await status()).standing).toMatchObject({ changed: 1000, parked: 0, left: 0, differ: 0 });
  expect(await query(project.url, 'SELECT id FROM orders WHERE cents IS DISTINCT FROM total * 100')).toEqual(
    [],
  );
  const twice = await cli('start', 'cents', project.target, '--file', 'backfill.yaml');
  expect([twice.code, twice.err]).toEqual([
    expect.any(Number),
    expect.stringMatching(/is done: 1000 rows changed/),
  ]);
});

it('a function of the release that runs gives the values; its Python has no password of the database', async () => {
  await query(project.url, 'ALTER TABLE orders ADD COLUMN seen text');
  const password = new URL(project.url).password;
  await writeFile(
    project.path(`releases/${(await readFile(project.path('running'), 'utf8')).trim()}/fills.py`),
    `import os
def seen(rows):
    known = " ".join(os.environ.values())
    return [{"seen": "%s %s %s" % (row["id"], "${password}" in known, "postgresql://" in os.environ["DATABASE_URL"])} for row in rows]
`,
  );
  const settings = (name: string) => `table: orders
python: {function: 'fills:${name}', writes: [seen]}
where: seen IS NULL
verify: seen = id || ' False True'
`;
  await writeFile(project.path('missing.yaml'), settings('missing'));
  await writeFile(project.path('seen.yaml'), settings('seen'));
  const missing = await cli('start', 'seen', project.target, '--file', 'missing.yaml');
  expect([missing.code, missing.err]).toEqual([
    2,
    expect.stringMatching(
      /the function fills:missing of the backfill can not be loaded.*fills has no function missing/s,
    ),
  ]);
  const done = await cli('start', 'seen', project.target, '--file', 'seen.yaml', '--watch');
  expect([done.code, done.out]).toEqual([
    0,
    expect.stringMatching(/1000 rows changed, 0 rows left, all compare/),
  ]);
});
