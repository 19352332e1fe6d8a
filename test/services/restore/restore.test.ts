import { restore } from '../../../src/activities/restore.js';
import { standingOf } from '../../../src/activities/standing.js';
import { oneValue, run } from '../backup/support.js';
import { dropNamed, leftOf, prepareAlike, type Prepared, problem, work } from './support.js';

let prepared: Prepared;
beforeEach(async () => {
  prepared = await prepareAlike();
});
afterEach(async () => {
  const { project } = prepared;
  await dropNamed(project.url, await leftOf(project.url));
  await project.close();
});

it('brings rows and schema back after a destructive change, and says where the rest is; twice is once', async () => {
  const { home, input, project, plan } = prepared;
  await run(
    project.url,
    `DELETE FROM orders WHERE id > 500; ALTER TABLE orders DROP COLUMN total; CREATE TABLE extra (x int);
     UPDATE alembic_version SET version_num = '0002_gifts'`,
  );
  const stopped = { ...input, writersStopped: true };
  const { note = '' } = await restore(home, stopped, work());
  const kept = /kept as (\S+)$/.exec(note)?.[1] ?? '';
  expect(kept).toMatch(/_until_\d{8}_run/);
  expect(await oneValue(project.url, 'SELECT sum(total)::int FROM orders')).toBe(500_500);
  const now = await standingOf(home.target(), plan.versionTable, work().signal);
  expect(now).toMatchObject({ fingerprint: plan.standing.fingerprint, revisions: plan.standing.revisions });
  expect(await leftOf(project.url)).toEqual([kept]);
  // An answer that was lost: the second attempt finds it done.
  expect(await restore(home, stopped, work({ attempt: 2 }))).toEqual({ note });
  expect(await leftOf(project.url)).toEqual([kept]);
});

it('what was written since the backup is named, and then nothing is changed', async () => {
  const { home, input, project } = prepared;
  await run(project.url, 'INSERT INTO orders (total) VALUES (1), (2)');
  const { left } = await restore(home, input, work());
  expect(left).toContain('public.orders: 1,002 rows now, 1,000 rows in the backup');
  expect(left).toContain('sequence public.orders_id_seq: 1002 now, 1000 in the backup');
  expect(await leftOf(project.url)).toEqual([]);
  expect(await oneValue(project.url, 'SELECT count(*)::int FROM orders')).toBe(1002);
});

it('what is written while it restores is seen at the last moment', async () => {
  const { home, input, project } = prepared;
  let written: Promise<unknown> | undefined;
  const progress = (text: string) => {
    if (text === 'restoring') written ??= run(project.url, 'INSERT INTO orders (total) VALUES (1)');
  };
  const { left } = await restore(home, input, work({ progress }));
  await written;
  expect(left).toContain('public.orders: 1,001 rows now');
  expect(await leftOf(project.url)).toEqual([]);
  expect(await oneValue(project.url, 'SELECT count(*)::int FROM orders')).toBe(1001);
});

it('a backup of another database is refused', async () => {
  const elsewhere = await prepareAlike();
  const { home, input } = prepared;
  process.env.DATABASE_URL = elsewhere.project.url;
  try {
    expect((await problem(restore(home, input, work()))).code).toBe('backup-of-another-database');
  } finally {
    await elsewhere.project.close();
  }
});
