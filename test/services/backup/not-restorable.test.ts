import { jest } from '@jest/globals';
import { dropCopy, restoreBeside, type RestoreOptions } from '../../../src/adapters/backup/restore-beside.js';
import { backupsIn } from '../../../src/adapters/backup/list.js';
import type { Backup } from '../../../src/domain/backup.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { leftOf, problem } from '../restore/support.js';
import { binFolder, newFolder, removeFolders, run, take } from './support.js';

/** Databases whose dump ends with 0 and cannot be restored, or not as they were (backup.md, row 36). */
jest.setTimeout(60_000);

const applicationName = 'lockkeeper:test:not-restorable';

let live: TestDatabase;
let folder: string;
beforeEach(async () => {
  live = await freshDatabase();
  folder = await newFolder();
});
afterEach(async () => {
  expect(await leftOf(live.url)).toEqual([]);
  await live.drop();
  await removeFolders();
});

const prove = async (backup: Backup, changes: Partial<RestoreOptions> = {}) =>
  restoreBeside({ url: live.url }, backup, {
    ...{ name: 'run-1', pgBin: await binFolder(), jobs: 2, applicationName, attempt: 1 },
    signal: new AbortController().signal,
    onProgress: () => {},
    ...changes,
  });

const listed = async () => (await backupsIn(folder))[0]!;

const ORDERS = `CREATE TABLE orders (id int PRIMARY KEY, total numeric);
  INSERT INTO orders SELECT n, n FROM generate_series(1, 20) n;`;

const defects: [what: string, sql: string, code: string, named: RegExp][] = [
  [
    'a function that relies on the search_path of whoever calls it, in a constraint',
    `${ORDERS} CREATE FUNCTION known(x int) RETURNS bool LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM orders WHERE id = x)';
     CREATE TABLE lines (id int CHECK (known(id))); INSERT INTO lines VALUES (1)`,
    'restore-failed',
    /relation "orders" does not exist/,
  ],
  [
    'a foreign key whose rows were written while its triggers were off',
    `${ORDERS} CREATE TABLE lines (order_id int REFERENCES orders);
     SET session_replication_role = replica; INSERT INTO lines VALUES (99)`,
    'restore-failed',
    /violates foreign key constraint "lines_order_id_fkey"/,
  ],
  [
    'an invalid index, which pg_dump leaves out',
    `${ORDERS} CREATE INDEX half_built ON orders (total);
     UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'half_built'::regclass`,
    'not-as-backup',
    /index half_built on public.orders: in the backup, not in the copy \(it is invalid, and pg_dump leaves such out/,
  ],
];

it.each(defects)('%s', async (_, sql, code, named) => {
  await run(live.url, sql);
  const backup = await take(live.url, { folder });
  const failed = await problem(prove(backup));
  expect(failed.code).toBe(code);
  expect(failed.message).toMatch(named);
  // A backup that was no good when it was tried does not count as proved, whatever was found of it before.
  expect(await listed()).toMatchObject({
    provedAt: null,
    proofs: [{ level: 'L3', run: 'run-1', failed: expect.stringMatching(named) }],
  });
});

it('a defect that the settings know does not speak against the backup, and is noted with the proof', async () => {
  await run(live.url, defects[2]![1]);
  const backup = await take(live.url, { folder });
  const copy = await prove(backup, { known: ['index half_built on public.orders: *'] });
  expect(copy.notes).toEqual([expect.stringMatching(/^known: index half_built on public.orders/)]);
  const { provedAt, proofs } = await listed();
  expect(provedAt).toBe(proofs[0]?.at);
  expect(proofs).toMatchObject([{ level: 'L3', restoreMs: copy.ms, notes: copy.notes }]);
  await dropCopy(live.url, copy.name, applicationName);
});

it('a collation that has changed since the database was made is told of', async () => {
  await run(live.url, ORDERS);
  await run(live.url, `UPDATE pg_database SET datcollversion = '1.0' WHERE datname = current_database()`);
  const copy = await prove(await take(live.url, { folder }));
  expect(copy.notes).toEqual([
    expect.stringMatching(/was made with version 1\.0 of its collation, and the server has .*out of order/),
  ]);
  await dropCopy(live.url, copy.name, applicationName);
});

it('what is not validated is so in the copy as well: no difference', async () => {
  await run(
    live.url,
    `${ORDERS} ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 10) NOT VALID;
     ALTER TABLE orders DISABLE TRIGGER USER`,
  );
  const copy = await prove(await take(live.url, { folder }));
  expect(copy.notes).toEqual([]);
  await dropCopy(live.url, copy.name, applicationName);
});
