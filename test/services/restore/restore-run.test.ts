import { readFile, writeFile } from 'node:fs/promises';
import { backUp } from '../../../src/activities/back-up.js';
import { backupsOf } from '../../../src/activities/backups.js';
import { readRestorePlan } from '../../../src/activities/plans.js';
import { checkRestore } from '../../../src/activities/restore-check.js';
import { proveBackup } from '../../../src/activities/restore-prove.js';
import { swapBack, swapIn } from '../../../src/activities/restore-swap.js';
import { verifyRestored } from '../../../src/activities/restore-verify.js';
import { withDatabase } from '../../../src/adapters/postgres/databases.js';
import type { BackupManifest } from '../../../src/domain/backup.js';
import type { RestoreSummary } from '../../../src/domain/restore.js';
import { oneValue, run } from '../backup/support.js';
import { die, dropNamed, flipByte, leftOf, prepareAlike, type Prepared, problem, work } from './support.js';

/** A project whose database was backed up when r1 ran. */
let prepared: Prepared;
beforeEach(async () => {
  prepared = await prepareAlike();
});
afterEach(async () => {
  const { project } = prepared;
  await dropNamed(project.url, await leftOf(project.url));
  await project.close();
});

const url = () => prepared.project.url;
const ids = () => ({ target: prepared.project.target, runId: 'restore1' });
const check = (changes: object = {}) =>
  checkRestore(prepared.home, { ...ids(), backup: 'latest', untilClosed: false, ...changes }, work());
const of = ({ planHash }: RestoreSummary) => ({ ...ids(), planHash });
const rows = () => oneValue(url(), 'SELECT count(*)::int FROM orders');
const disaster = () =>
  run(
    url(),
    `DELETE FROM orders WHERE id > 500; UPDATE orders SET total = 0 WHERE id <= 10;
     INSERT INTO orders (total) SELECT 7 FROM generate_series(1, 700)`,
  );

it('tells what would be lost in which tables, and what belongs to the backup', async () => {
  await disaster();
  await run(url(), 'CREATE PUBLICATION news FOR TABLE orders');
  const summary = await check();
  const { findings, rollback, note } = summary;
  expect(note).toContain('publication news comes back as the backup has it');
  expect(summary).toMatchObject({
    risk: 'very-high',
    release: 'r1',
    running: 'r1',
    closes: false,
    deploys: false,
  });
  expect(summary.gate).toMatchObject({ approvals: 2, requesterMayApprove: false, hasWindow: false });
  const lost = findings.join('\n');
  expect(lost).toMatch(/what was written since, and is not in the backup of \d{4}-\d\d-\d\d .* UTC:/);
  expect(lost).toContain('public.orders: 1,200 rows now, 1,000 rows in the backup');
  expect(lost).toContain(
    "public.orders: 700 inserted, 10 updated, 500 deleted since, by the server's counters",
  );
  expect(lost).toContain('the site is not closed');
  expect(rollback.join()).toMatch(
    /keep the database \S+ of now as \S+_until_\d{8}_restore1, closed, for 7 days/,
  );
});

it('says that nothing is lost where nothing was written, and then one person is enough', async () => {
  const { risk, findings, gate } = await check();
  expect(risk).toBe('high');
  expect(gate.approvals).toBe(1);
  expect(findings[0]).toContain('nothing is lost');
});

it('restores beside, compares, swaps, verifies; twice is once; and back again', async () => {
  const { home } = prepared;
  await disaster();
  const summary = await check();
  const proved = await proveBackup(home, of(summary), work());
  expect(proved.planHash).not.toBe(summary.planHash);
  expect(proved.rehearsed).toMatch(
    /restored beside in .*, equal to its manifest to the row; would lose 1,210 rows in 1 table/,
  );
  expect(proved.findings).toContain('1,210 rows in 1 table: 700 inserted, 10 changed, 500 deleted since');
  expect(proved.findings).toContain('public.orders: 700 inserted, 10 changed, 500 deleted of 1,200 rows now');
  expect(await rows()).toBe(1200);
  const [listed] = await backupsOf(home.target());
  expect(listed?.provedAt).toMatch(/^\d{4}-/);

  const { note } = await swapIn(home, of(summary), work());
  const { keepAs } = await readRestorePlan(prepared.project.path('.lockkeeper'), summary.planHash);
  expect(note).toContain(`is kept as ${keepAs}`);
  expect(await rows()).toBe(1000);
  expect(await swapIn(home, of(summary), work({ attempt: 2 }))).toMatchObject({
    note: expect.any(String) as unknown,
  });
  const verified = await verifyRestored(home, of(summary), work());
  expect(verified.note).toBe(
    'at 0001_first, the schema of the backup; 1 check left out: of another schema, or against before',
  );
  expect(await leftOf(url())).toEqual([keepAs]);

  expect((await swapBack(home, of(summary), work())).note).toContain(
    'the database of before has its name again',
  );
  expect(await rows()).toBe(1200);
  expect((await swapBack(home, of(summary), work())).note).toBe('the database is the one of before');
  expect(await leftOf(url())).toEqual([keepAs.replace('_until_', '_restored_')]);
});

it('what is written after the plan was made stops the swap, and the database stays and is open', async () => {
  const { home } = prepared;
  const summary = await check();
  await proveBackup(home, of(summary), work());
  await run(url(), 'UPDATE orders SET total = 1 WHERE id = 1');
  const refused = await problem(swapIn(home, of(summary), work()));
  expect(refused.code).toBe('written-meanwhile');
  expect(refused.message).toContain('public.orders: 1 updated');
  expect(await rows()).toBe(1000);
  expect((await problem(proveBackup(home, of(summary), work()))).code).toBe('written-meanwhile');
  expect((await swapBack(home, of(summary), work())).note).toBe('the database is the one of before');
});

it('a manifest that was changed after the plan was made is not believed', async () => {
  const { home, input } = prepared;
  const summary = await check();
  await writeFile(input.backup.manifest, `${await readFile(input.backup.manifest, 'utf8')}\n`);
  const refused = await problem(proveBackup(home, of(summary), work()));
  expect(refused.message).toContain('is not what it was when the plan was made');
});

it('what changes the schema alone stops the swap as well', async () => {
  const { home } = prepared;
  const summary = await check();
  await proveBackup(home, of(summary), work());
  await run(url(), 'ALTER TABLE orders ADD COLUMN later int');
  expect((await problem(swapIn(home, of(summary), work()))).message).toContain('the schema was changed');
});

it.each(['closed', 'swapped'])(
  'killed when "%s" was told, the next attempt swaps, and once',
  async (dieAt) => {
    const { home, project } = prepared;
    const summary = await check();
    await proveBackup(home, of(summary), work());
    const { keepAs } = await readRestorePlan(project.path('.lockkeeper'), summary.planHash);
    const [restored] = await leftOf(url());
    await die({ dieAt, url: url(), swap: { restored, keepAs } });
    await swapIn(home, of(summary), work({ attempt: 2 }));
    expect(await leftOf(url())).toEqual([keepAs]);
    expect(await rows()).toBe(1000);
    expect((await swapBack(home, of(summary), work())).note).toContain('has its name again');
  },
);

it('with untilClosed it is given up, told, and in the database that is kept', async () => {
  const { home } = prepared;
  const summary = await check({ untilClosed: true });
  expect(summary.risk).toBe('very-high');
  expect(summary.findings.join()).toContain(
    'everything that is written until the databases are swapped is lost, too',
  );
  await proveBackup(home, of(summary), work());
  await run(url(), 'INSERT INTO orders (total) VALUES (1)');
  const { note } = await swapIn(home, of(summary), work());
  const { keepAs } = await readRestorePlan(prepared.project.path('.lockkeeper'), summary.planHash);
  expect(note).toContain(`1 row in 1 table given up, in files as restore1-closed and in ${keepAs}`);
  expect(await rows()).toBe(1000);
  await run(withDatabase(url(), 'postgres'), `ALTER DATABASE "${keepAs}" ALLOW_CONNECTIONS true`);
  expect(await oneValue(withDatabase(url(), keepAs), 'SELECT count(*)::int FROM orders')).toBe(1001);
});

it('an older backup can be restored after a restore has replaced the database', async () => {
  const { home } = prepared;
  const first = await check();
  await proveBackup(home, of(first), work());
  await swapIn(home, of(first), work());
  const { findings, risk } = await check();
  expect(risk).toBe('very-high');
  expect(findings.join()).toContain('cannot be told: the database was replaced since the backup');
});

it('a backup is found by its id or its beginning; one that is not there is refused in words', async () => {
  const { home, input } = prepared;
  expect((await check({ backup: input.backup.id })).note).toContain(`backup ${input.backup.id} of `);
  expect((await check({ backup: input.backup.id.slice(0, 8) })).note).toContain(input.backup.id);
  expect((await problem(check({ backup: 'nothing' }))).code).toBe('no-such-backup');
  await backUp(home, { target: ids().target, runId: `${input.backup.id}x` }, work());
  expect((await check({ backup: input.backup.id })).note).toContain(`backup ${input.backup.id} of `);
  const two = await problem(check({ backup: input.backup.id.slice(0, 6) }));
  expect(two.message).toContain('is the beginning of 2 backups');
});

it('a damaged archive, another database and a newer server are refused before anything is made', async () => {
  const { input } = prepared;
  const manifest = JSON.parse(await readFile(input.backup.manifest, 'utf8')) as BackupManifest;
  const rewrite = (database: object) =>
    writeFile(
      input.backup.manifest,
      JSON.stringify({ ...manifest, database: { ...manifest.database, ...database } }),
    );
  await rewrite({ name: 'elsewhere' });
  expect((await problem(check())).code).toBe('backup-of-another-database');
  await rewrite({ systemId: '1' });
  expect((await problem(check())).code).toBe('backup-of-another-database');
  await rewrite({ serverVersion: '99.1' });
  expect((await problem(check())).code).toBe('backup-of-newer-server');
  await rewrite({});
  await flipByte(input.backup);
  expect((await problem(check())).code).toBe('backup-damaged');
  expect(await leftOf(url())).toEqual([]);
});

it('the release of the backup is fetched, and is the one that will run; an unknown one is warned of', async () => {
  const { project } = prepared;
  await project.configure({
    release: { running: 'cat running', fetch: ['echo $LOCKKEEPER_RELEASE > fetched'] },
  });
  await writeFile(project.path('running'), 'r2');
  const summary = await check();
  expect(summary).toMatchObject({ release: 'r1', running: 'r2', deploys: true });
  expect((await readFile(project.path('fetched'), 'utf8')).trim()).toBe('r1');
  const { manifest } = prepared.input.backup;
  const { release: _, ...old } = JSON.parse(await readFile(manifest, 'utf8')) as BackupManifest;
  await writeFile(manifest, JSON.stringify(old));
  const unknown = await check();
  expect(unknown).toMatchObject({ release: 'r2', deploys: false });
  expect(unknown.findings.join()).toContain('which release belongs to it is NOT KNOWN: r2 stays');
  await writeFile(manifest, JSON.stringify({ ...old, release: 'r1' }));
  await project.configure({ deploy: undefined });
  expect((await check()).findings.join()).toContain(
    'nothing says how to start it (deploy.commands): r2 stays',
  );
});
