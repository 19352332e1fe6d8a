import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { connectionOf } from '../../../src/adapters/postgres/connection.js';
import { freshDatabase } from '../../support/servers.js';
import {
  applicationName,
  filesIn,
  inside,
  newFolder,
  oneValue,
  removeFolders,
  run,
  sessionsLeft,
  take,
  until,
  whenDumping,
  wrapped,
} from './support.js';

const exec = promisify(execFile);

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
  // Noise does not compress, so that its dump is larger than estimated.
  await run(
    database.url,
    `CREATE TABLE noise AS SELECT n AS id, decode(concat(${Array.from({ length: 8 }, () => 'md5(random()::text)').join()}), 'hex') AS x
     FROM generate_series(1, 40000) n`,
  );
});
afterAll(() => database.drop());
afterEach(removeFolders);

/** After any fault: no file that could be taken for a backup, no session that goes on. */
async function expectNothingLeft(folder: string): Promise<void> {
  expect(await filesIn(folder)).toEqual([]);
  expect(await sessionsLeft(database.url)).toBe(0);
}

it('pg_dump killed in the middle: tried again, and nothing stays', async () => {
  const folder = await newFolder();
  const pgBin = await wrapped({
    pg_dump: whenDumping(`"$real" "$@" & sleep 0.4; kill -9 $!; kill -9 $$`),
  });
  await expect(take(database.url, { folder, pgBin })).rejects.toMatchObject({
    code: 'backup-interrupted',
    told: { retry: true, why: expect.stringContaining('SIGKILL') as string },
  });
  await expectNothingLeft(folder);
});

it('cancelled while it dumps: no session, no process and no file stays', async () => {
  const folder = await newFolder();
  const stop = new AbortController();
  const taking = take(database.url, { folder, signal: stop.signal });
  const failed = expect(taking).rejects.toThrow('no longer wanted');
  await until(async () => (await sessionsLeft(database.url)) >= 2);
  stop.abort(new Error('no longer wanted'));
  await failed;
  await expectNothingLeft(folder);
});

it('cancelled while it waits for whoever has a table for himself: no session stays, and nobody queued behind it', async () => {
  const folder = await newFolder();
  const stop = new AbortController();
  await run(database.url, 'CREATE TABLE IF NOT EXISTS held (x int)');
  let letGo = () => {};
  const released = new Promise<void>((resolve) => (letGo = resolve));
  const holding = inside(database.url, async (client) => {
    await client.query('BEGIN; LOCK TABLE held');
    await released;
  });
  const locked = async () =>
    Number(await oneValue(database.url, `SELECT count(*) FROM pg_locks WHERE relation = 'held'::regclass`));
  await until(async () => (await locked()) === 1);
  const taking = take(database.url, { folder, signal: stop.signal, lockTimeoutMs: 30_000 });
  const failed = expect(taking).rejects.toThrow('no longer wanted');
  await until(async () => (await looking(database.url)) === 1);
  expect(await locked()).toBe(1);
  stop.abort(new Error('no longer wanted'));
  await failed;
  letGo();
  await holding;
  await expectNothingLeft(folder);
});

/** Sessions of the backup that look who is in the way. */
const looking = async (url: string): Promise<number> =>
  Number(
    await oneValue(
      url,
      `SELECT count(*) FROM pg_stat_activity WHERE starts_with(application_name, '${applicationName}')
       AND query LIKE '%AccessExclusiveLock%'`,
    ),
  );

it('the session of the snapshot is ended by an operator: tried again', async () => {
  const folder = await newFolder();
  const pgBin = await wrapped({ pg_dump: whenDumping(`sleep 2; exec "$real" "$@"`) });
  const taking = take(database.url, { folder, pgBin });
  const failed = expect(taking).rejects.toMatchObject({ told: { retry: true } });
  await until(async () => (await sessionsLeft(database.url)) >= 1);
  await run(
    database.url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(application_name, '${applicationName}')`,
  );
  await failed;
  await expectNothingLeft(folder);
});

it.each([
  ['cut short', 'truncate -s -2000 "$(ls -S $folder/*.dat* | head -1)"'],
  ['overwritten at its head', 'printf "not a dump" | dd of="$folder/toc.dat" conv=notrunc status=none'],
  [
    'overwritten in the middle',
    'printf x | dd of="$(ls -S $folder/*.dat* | head -1)" bs=1 seek=500000 conv=notrunc status=none',
  ],
])('an archive that is %s on the disk is found when it is read back', async (_how, damage) => {
  const folder = await newFolder();
  const pgBin = await wrapped({
    pg_dump: whenDumping(
      `"$real" "$@" && folder=$(printf '%s\\n' "$@" | sed -n 's/^--file=//p') && ${damage}`,
    ),
  });
  await expect(take(database.url, { folder, pgBin })).rejects.toMatchObject({
    code: 'unreadable-backup',
    told: { retry: true },
  });
  await expectNothingLeft(folder);
});

it('refuses a pg_dump that is older than the server, before anything is locked', async () => {
  const pgBin = await wrapped({ pg_dump: 'echo "pg_dump (PostgreSQL) 9.6.1"' });
  await expect(take(database.url, { pgBin })).rejects.toMatchObject({ code: 'backup-not-possible' });
  const both = await wrapped({
    pg_dump: 'echo "pg_dump (PostgreSQL) 9.6.1"',
    pg_restore: 'echo "pg_restore (PostgreSQL) 9.6.1"',
  });
  await expect(take(database.url, { pgBin: both })).rejects.toMatchObject({
    code: 'pg-dump-too-old',
    told: { retry: false, what: expect.stringContaining('9.6.1') as string },
  });
});

it('names a pg_dump that is not there', async () => {
  const pgBin = await newFolder();
  await expect(take(database.url, { pgBin })).rejects.toMatchObject({ code: 'missing-tool' });
});

it('tells all that the role may not read at once, with the remedy', async () => {
  const other = await freshDatabase();
  const { host, port } = connectionOf(other.url);
  const role = `reader_${process.pid}`;
  try {
    await run(
      other.url,
      `CREATE ROLE ${role} LOGIN PASSWORD 'pw';
       CREATE TABLE closed (x serial); CREATE TABLE also_closed (x int);
       CREATE TABLE mine (who text); GRANT SELECT ON mine TO ${role};
       ALTER TABLE mine ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON mine USING (who = current_user);
       SELECT lo_from_bytea(0, 'not yours')`,
    );
    const url = `postgresql://${role}:pw@${host}:${port}/${other.name}`;
    const error = await take(url).catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'backup-not-possible', told: { retry: false } });
    const { why, next } = (error as { told: { why: string; next: string[] } }).told;
    expect(why).toContain('public.also_closed, public.closed, public.closed_x_seq');
    expect(why).toContain('row level security hides rows of public.mine');
    expect(why).toContain('1 large object');
    expect(next).toContain(`as a superuser: GRANT pg_read_all_data TO "${role}"`);
    await run(
      other.url,
      `GRANT pg_read_all_data TO ${role}; ALTER ROLE ${role} BYPASSRLS;
      SELECT lo_unlink(oid) FROM pg_largeobject_metadata`,
    );
    expect(await take(url)).toMatchObject({ level: 'L2' });
  } finally {
    await other.drop();
    await run(database.url, `DROP ROLE IF EXISTS ${role}`);
  }
});

describe('on a small disk', () => {
  let disk: string;
  let mounted = false;
  beforeEach(async () => {
    disk = await newFolder();
    mounted = await exec('mount', ['-t', 'tmpfs', '-o', 'size=5m', 'tmpfs', disk]).then(
      () => true,
      () => false,
    );
    if (!mounted) console.warn('only root can mount a small disk: the test of a full disk is left out');
  });
  afterEach(async () => {
    if (mounted) await exec('umount', [disk]);
  });

  it('a disk that becomes full in the middle: told with sizes, and what was written is removed', async () => {
    if (!mounted) return;
    await expect(take(database.url, { folder: disk })).rejects.toMatchObject({
      code: 'no-space-for-backup',
      told: { retry: false, what: expect.stringMatching(/became full after \d.* MiB/) as string },
    });
    await expectNothingLeft(disk);
  });

  it('a disk that is too small from the start is refused before anything is locked', async () => {
    if (!mounted) return;
    await exec('fallocate', ['-l', '4M', `${disk}/other`]);
    await expect(take(database.url, { folder: disk })).rejects.toMatchObject({
      code: 'no-space-for-backup',
      told: { what: expect.stringMatching(/needs about .* MiB, and .* has .* free/) as string },
    });
    expect(await filesIn(disk)).toEqual(['other']);
  });
});
