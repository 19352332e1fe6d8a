import { readFile, writeFile } from 'node:fs/promises';
import { withDatabase } from '../../src/adapters/postgres/databases.js';
import { freshDatabase } from '../support/servers.js';
import { connectionOf, libpqEnvironment } from '../../src/adapters/postgres/connection.js';
import { shell } from '../../src/adapters/shell.js';
import { binFolder, oneValue, run } from '../services/backup/support.js';
import { dropNamed, leftOf } from '../services/restore/support.js';
import { sample } from '../support/kills-sample.js';
import { Project } from '../support/project.js';

let project: Project;
beforeAll(async () => {
  project = await Project.make({ settings: { verify: [], health: undefined } });
  await run(
    project.url,
    `CREATE TABLE customers (id int PRIMARY KEY, name text); INSERT INTO customers SELECT g, 'c' || g FROM generate_series(1, 500) g;
     CREATE TABLE notes (customer int REFERENCES customers, note text)`,
  );
  await project.worker();
}, 180_000);
afterAll(async () => {
  if (project) await dropNamed(project.url, await leftOf(project.url));
  await project?.close();
});

/** All of them in the whole matrix: each is a run of its own, or two. */
const chosen = sample(['point', 'table', 'file', 'elsewhere'], 1);
const ifChosen = (name: string) => (chosen.includes(name) ? it : it.skip);

const hashIn = (out: string) => /--plan ([0-9a-f]{12})/.exec(out)?.[1] ?? 'no plan';
const restore = (...flags: string[]) => project.cli(['restore', project.target, ...flags], { ms: 90_000 });
const apply = (...flags: string[]) => project.cli(['restore', 'apply', project.target, ...flags]);
const approved = async (out: string, ...people: string[]) => {
  for (const by of people)
    await project.cli(['approve', project.target, '--plan', hashIn(out)], { env: { LOCKKEEPER_USER: by } });
  const { code } = await project.cli(['status', project.target, '--watch'], { ms: 90_000 });
  const record = await project.record();
  return { code, outcome: record.outcome, runId: record.runId };
};
const orders = () => oneValue(project.url, 'SELECT count(*)::int FROM orders');
const customers = () =>
  oneValue(project.url, `SELECT md5(string_agg(c::text, ',' ORDER BY id)) FROM customers c`);
const everything = () =>
  oneValue(
    project.url,
    `SELECT md5((SELECT string_agg(o::text, ',' ORDER BY id) FROM orders o) || (SELECT string_agg(c::text, ',' ORDER BY id) FROM customers c)
       || coalesce((SELECT string_agg(n::text, ',' ORDER BY n::text) FROM notes n), ''))`,
  );

it('1,000 rows written after the backup: told, kept, approved, swapped, put in again, and the swap taken back', async () => {
  expect((await project.cli(['backup', project.target])).code).toBe(0);
  await run(
    project.url,
    `INSERT INTO orders (total) SELECT 7 FROM generate_series(1, 600);
     UPDATE customers SET name = upper(name) WHERE id <= 200; DELETE FROM customers WHERE id > 450;
     INSERT INTO notes SELECT g, E'said "so"\\nand left' FROM generate_series(1, 150) g`,
  );
  const before = await everything();
  const asked = await restore('--backup', 'latest');
  expect(asked.code).toBe(3);
  expect(asked.out).toContain('1,000 rows in 3 tables: 750 inserted, 200 changed, 50 deleted since');
  expect(asked.out).toContain('public.orders: 600 inserted of 1,600 rows now');
  expect(asked.out).toContain('public.customers: 200 changed, 50 deleted of 450 rows now');
  expect(asked.out).toContain('public.notes: 150 inserted of 150 rows now');
  expect(await everything()).toBe(before);

  const done = await approved(asked.out, 'bo', 'cy');
  expect(done).toMatchObject({ code: 0, outcome: 'done' });
  expect(await orders()).toBe(1000);
  expect(await oneValue(project.url, 'SELECT count(*)::int FROM notes')).toBe(0);

  const list = await restore();
  expect(list.out).toContain(`${done.runId}  `);
  expect(list.out).toMatch(/1,000 rows, not in the backup of/);
  expect(list.out).toMatch(/_until_\d{8}_\S+ .* replaced by a restore, closed/);

  // Somebody has a row of his own meanwhile: its number is none of those that were given out before.
  await run(project.url, 'INSERT INTO orders (total) VALUES (1)');
  const dry = await apply('--lost', done.runId);
  expect(dry.code).toBe(3);
  expect(dry.out).toContain(`Would put 1,000 rows of ${done.runId} into 3 tables.`);
  expect(await orders()).toBe(1001);
  const put = await apply('--lost', done.runId, '--yes');
  expect(put.out).toContain('Put 1,000 rows');
  expect(put.code).toBe(0);
  await run(project.url, 'DELETE FROM orders WHERE id = (SELECT max(id) FROM orders)');
  expect(await everything()).toBe(before);
  const again = await apply('--lost', done.runId);
  expect(again.out).toContain('1,000 rows are there already.');
  expect(again.code).toBe(0);

  // What is written from here on is what taking the swap back would lose.
  await run(
    project.url,
    `INSERT INTO orders (total) VALUES (11), (12); UPDATE customers SET name = 'later' WHERE id = 3`,
  );
  const undo = await restore('--undo');
  expect(undo.code).toBe(3);
  expect(undo.out).toContain('3 rows in 2 tables: 2 inserted, 1 changed since');
  const undone = await approved(undo.out, 'bo', 'cy');
  expect(undone.outcome).toBe('done');
  expect(await everything()).toBe(before);
  expect((await apply('--lost', undone.runId, '--yes')).out).toContain('Put 3 rows');
  expect(await orders()).toBe(1602);
}, 300_000);

it('what an undo would lose is what was written since the swap, not what the restore itself took away', async () => {
  expect((await project.cli(['backup', project.target])).code).toBe(0);
  await run(project.url, `DELETE FROM notes; UPDATE customers SET name = 'x' WHERE id < 10`);
  const asked = await restore('--backup', 'latest');
  expect((await approved(asked.out, 'bo', 'cy')).outcome).toBe('done');
  const undo = await restore('--undo');
  expect(undo.out).toContain('nothing is lost');
  // One person is enough where nothing is lost.
  expect((await approved(undo.out, 'bo')).outcome).toBe('done');
  expect(await oneValue(project.url, 'SELECT count(*)::int FROM notes')).toBe(0);
}, 180_000);

ifChosen('point')(
  'a backup is restored beside to look into, listed, and dropped by name',
  async () => {
    const made = await restore('--beside', '--no-swap');
    expect(made.code).toBe(0);
    const [point] = (await leftOf(project.url)).filter((name) => name.includes('_as_of_'));
    expect(await oneValue(withDatabase(project.url, point!), 'SELECT count(*)::int > 0 FROM orders')).toBe(
      true,
    );
    expect((await restore()).out).toMatch(new RegExp(`${point} .* restored to look into`));
    expect((await restore('--drop', 'postgres')).err).toContain('is no database that a restore of');
    expect((await restore('--drop', point!)).out).toContain(`dropped ${point}`);
    expect(await leftOf(project.url)).not.toContain(point);
  },
  120_000,
);

ifChosen('table')(
  'one table is put back row by row, in one transaction, and what that takes away is kept',
  async () => {
    const before = await customers();
    const rows = await orders();
    await run(project.url, `UPDATE customers SET name = 'oops'; INSERT INTO orders (total) VALUES (99)`);
    const asked = await restore('--backup', 'latest', '--table', 'public.customers');
    expect(asked.code).toBe(3);
    expect(asked.out).toMatch(/this is written into the live database:\s+450 rows in 1 table: 450 changed/);
    const done = await approved(asked.out, 'bo', 'cy');
    expect(done).toMatchObject({ code: 0, outcome: 'done' });
    expect(await oneValue(project.url, `SELECT count(*)::int FROM customers WHERE name = 'oops'`)).toBe(0);
    expect(await orders()).toBe(Number(rows) + 1);
    expect((await apply('--lost', done.runId)).out).toContain('Would put 450 rows');
    expect(typeof before).toBe('string');
    expect((await restore('--backup', 'latest', '--table', 'public.nothing')).out).toContain(
      'the backup has no rows of public.nothing',
    );
  },
  120_000,
);

ifChosen('file')(
  'a plain file is restored beside, compared, approved and swapped; one that was cut off is refused',
  async () => {
    const path = project.path('backup.sql');
    await shell({
      file: `${await binFolder()}/pg_dump`,
      args: ['--file', path],
      env: libpqEnvironment(connectionOf(project.url), 'test'),
    });
    const before = await everything();
    await run(project.url, `DELETE FROM orders WHERE id % 2 = 0`);
    const text = await readFile(path, 'utf8');
    await writeFile(project.path('cut.sql'), text.slice(0, text.length / 2));
    expect((await restore('--file', project.path('cut.sql'))).out).toContain('it was cut off');
    const asked = await restore('--file', path);
    expect(asked.code).toBe(3);
    expect(asked.out).toContain('with as many rows as the file has, and no error');
    expect((await approved(asked.out, 'bo', 'cy')).outcome).toBe('done');
    expect(await everything()).toBe(before);
  },
  120_000,
);

ifChosen('elsewhere')(
  'a backup is restored into a new database elsewhere; one with tables in it is refused',
  async () => {
    const other = await freshDatabase();
    try {
      const env = { OTHER_URL: withDatabase(other.url, `${other.name}_new`) };
      expect((await project.cli(['backup', project.target])).code).toBe(0);
      const to = (name: string, url: string) =>
        project.cli(['restore', project.target, '--backup', 'latest', '--to', name], {
          env: { OTHER_URL: url },
          ms: 90_000,
        });
      const made = await to('${OTHER_URL}', env.OTHER_URL);
      expect(made.out).toContain('to the row; restored in');
      expect(await oneValue(env.OTHER_URL, 'SELECT count(*)::int FROM orders')).toBe(await orders());
      expect((await to('${OTHER_URL}', env.OTHER_URL)).err).toContain('tables, views and sequences already');
      expect((await to('${OTHER_URL}', project.url)).err).toContain('the very database that was backed up');
      expect((await to('postgresql://a:secret@127.0.0.1/x', '')).err).toContain('expected no password');
    } finally {
      await dropNamed(project.url, [`${other.name}_new`]);
      await other.drop();
    }
  },
  120_000,
);
