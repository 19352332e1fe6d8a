import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { backupsIn } from '../../../src/adapters/backup/list.js';
import { damageOf } from '../../../src/adapters/backup/hashes.js';
import { readManifest } from '../../../src/adapters/backup/files.js';
import { dropCopy, restoreBeside } from '../../../src/adapters/backup/restore-beside.js';
import { connectionOf, libpqEnvironment } from '../../../src/adapters/postgres/connection.js';
import { shell } from '../../../src/adapters/shell.js';
import type { Backup, BackupManifest } from '../../../src/domain/backup.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { flipByte } from '../restore/support.js';
import { applicationName, binFolder, newFolder, oneValue, removeFolders, run, take } from './support.js';

const { signal } = new AbortController();
const role = `lk_globals_${process.pid}`;

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await run(
    database.url,
    `CREATE TABLE orders (id bigserial PRIMARY KEY, note text NOT NULL);
     CREATE TABLE lines (order_id bigint NOT NULL REFERENCES orders);
     INSERT INTO orders (note) SELECT md5(n::text) FROM generate_series(1, 3000) n;
     INSERT INTO lines SELECT id FROM orders;
     CREATE ROLE ${role} LOGIN PASSWORD 'pw'; ALTER ROLE ${role} SET work_mem = '7MB'; GRANT pg_monitor TO ${role}`,
  );
});
afterAll(async () => {
  await run(database.url, `DROP ROLE ${role}`);
  await database.drop();
});
afterEach(removeFolders);

const manifestOf = async ({ manifest }: Backup): Promise<BackupManifest> => (await readManifest(manifest))!;

it('has a hash of every file, which sha256sum agrees with, and the one hash that stands for all', async () => {
  const backup = await take(database.url, { jobs: 2 });
  const manifest = await manifestOf(backup);
  const paths = manifest.files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['run-1.dump/toc.dat', 'run-1.globals.sql']));
  expect(paths.filter((path) => /\.dat(\.\w+)?$/.test(path)).length).toBeGreaterThanOrEqual(3);
  const folder = dirname(backup.manifest);
  const { stdout } = await shell({ file: 'sha256sum', args: ['--', ...paths], cwd: folder });
  expect(stdout.trim().split('\n')).toEqual(manifest.files.map(({ path, sha256 }) => `${sha256}  ${path}`));
  expect(backup.sha256).toBe(createHash('sha256').update(`${stdout.trim()}\n`).digest('hex'));
  expect(backup.bytes).toBe(manifest.files.reduce((sum, { bytes }) => sum + bytes, 0));
});

it('tells what took how long, where the log was, which tools wrote it', async () => {
  const manifest = await manifestOf(await take(database.url, { jobs: 2, release: 'r7' }));
  expect(manifest).toMatchObject({
    ...{
      formatVersion: 2,
      jobs: 2,
      release: 'r7',
      level: 'L2',
      contents: { extensions: { plpgsql: '1.0' } },
    },
    ...{
      pgDumpVersion: '18.6',
      pgRestoreVersion: '18.6',
      database: { serverVersion: '18.6', timeline: 1, standby: false },
    },
    lsn: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/) as string,
  });
  const { lock, dump, prove, whole } = manifest.durations!;
  expect(Math.min(lock, dump, prove)).toBeGreaterThanOrEqual(0);
  expect(Math.abs(lock + dump + prove - whole)).toBeLessThanOrEqual(3);
  expect(manifest.alarms).toBeUndefined();
});

it('has roles, memberships and settings beside, with verifiers of passwords, and private', async () => {
  const backup = await take(database.url);
  const { globals } = await manifestOf(backup);
  expect(globals).toEqual({ file: 'run-1.globals.sql', passwords: true });
  const path = join(dirname(backup.manifest), globals!.file);
  const sql = await readFile(path, 'utf8');
  expect(sql).toMatch(new RegExp(`ALTER ROLE ${role} .*LOGIN.* PASSWORD 'SCRAM-SHA-256`));
  expect(sql).toContain(`ALTER ROLE ${role} SET work_mem TO '7MB'`);
  expect(sql).toMatch(new RegExp(`GRANT pg_monitor TO ${role}`));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it('a role that may not read passwords has all else in it', async () => {
  const other = await freshDatabase();
  const owner = `lk_owner_${process.pid}`;
  await run(
    other.url,
    `CREATE ROLE ${owner} LOGIN PASSWORD 'pw'; ALTER DATABASE ${other.name} OWNER TO ${owner}`,
  );
  const { host, port } = connectionOf(other.url);
  const backup = await take(`postgresql://${owner}:pw@${host}:${port}/${other.name}`);
  const { globals, alarms } = await manifestOf(backup);
  expect([globals?.passwords, alarms]).toEqual([false, undefined]);
  const sql = await readFile(join(dirname(backup.manifest), globals!.file), 'utf8');
  expect(sql).toMatch(new RegExp(`ALTER ROLE ${role} .*LOGIN`));
  expect(sql).not.toContain('PASSWORD');
  await other.drop();
  await run(database.url, `DROP ROLE ${owner}`);
});

it('any file of it that is damaged, cut or gone is named', async () => {
  const backup = await take(database.url);
  const manifest = await manifestOf(backup);
  const folder = dirname(backup.manifest);
  expect(await damageOf(folder, manifest, signal)).toBeUndefined();
  for (const { path } of manifest.files) {
    const good = await readFile(join(folder, path));
    for (const [bad, words] of [
      [Buffer.concat([good.subarray(0, -1), Buffer.from([good.at(-1)! ^ 1])]), 'the SHA-256 of '],
      [good.subarray(0, -1), ' bytes, and had '],
    ] as const) {
      await writeFile(join(folder, path), bad);
      const damage = await damageOf(folder, manifest, signal);
      expect(damage).toContain(path);
      expect(damage).toContain(words);
    }
    await rm(join(folder, path));
    expect(await damageOf(folder, manifest, signal)).toBe(`${path} is not there`);
    await writeFile(join(folder, path), good);
  }
});

it('a manifest whose hashes were changed is none, and neither is other JSON beside it', async () => {
  const backup = await take(database.url);
  const text = await readFile(backup.manifest, 'utf8');
  const { files } = await manifestOf(backup);
  await writeFile(backup.manifest, text.replace(files[0]!.sha256, files[1]!.sha256));
  expect(await readManifest(backup.manifest)).toBeUndefined();
  await writeFile(backup.manifest, text);
  const folder = dirname(backup.manifest);
  await writeFile(join(folder, 'run-1.copies.json'), JSON.stringify({ formatVersion: 1, copies: [] }));
  expect((await backupsIn(folder)).map((each) => each.backup)).toEqual([backup]);
});

it('works wherever its folder is moved', async () => {
  const backup = await take(database.url);
  const moved = join(await newFolder(), 'elsewhere');
  await mkdir(moved);
  for (const name of ['run-1.dump', 'run-1.globals.sql', 'run-1.schema', 'run-1.json'])
    await rename(join(dirname(backup.manifest), name), join(moved, name));
  const [listed] = await backupsIn(moved);
  expect(listed?.backup.path).toBe(join(moved, 'run-1.dump'));
  await restoresTo(listed!.backup, 3000);
});

describe('of version 1, an archive in one file', () => {
  /** As version 0.1 wrote it. */
  async function ofVersion1(): Promise<Backup> {
    const now = await take(database.url);
    const folder = await newFolder();
    const path = join(folder, 'old.dump');
    const connection = connectionOf(database.url);
    const args = ['--format=custom', '--compress=1', `--file=${path}`];
    const env = libpqEnvironment(connection, 'test');
    await shell({ file: join(await binFolder(), 'pg_dump'), args, env });
    const archive = await readFile(path);
    const {
      files: _,
      globals: __,
      durations: ___,
      lsn: ____,
      schema: _____,
      ...kept
    } = await manifestOf(now);
    const sha256 = createHash('sha256').update(archive).digest('hex');
    const manifest = {
      ...kept,
      formatVersion: 1,
      id: 'old',
      file: basename(path),
      bytes: archive.length,
      sha256,
    };
    await writeFile(join(folder, 'old.json'), JSON.stringify(manifest));
    return (await backupsIn(folder))[0]!.backup;
  }

  it('is listed, hashed and restored', async () => {
    const backup = await ofVersion1();
    expect(backup).toMatchObject({ id: 'old', path: expect.stringMatching(/old\.dump$/) as string });
    await restoresTo(backup, 3000);
    await flipByte(backup);
    await expect(restoresTo(backup, 3000)).rejects.toMatchObject({ code: 'backup-damaged' });
  });

  it('is given back when asked for again, and put aside when it is damaged', async () => {
    const backup = await ofVersion1();
    const folder = dirname(backup.manifest);
    expect(await take(database.url, { folder, name: 'old' })).toEqual(backup);
    await flipByte(backup);
    const anew = await take(database.url, { folder, name: 'old', attempt: 2 });
    expect((await manifestOf(anew)).formatVersion).toBe(2);
    expect((await stat(`${backup.path}.damaged`)).isFile()).toBe(true);
  });
});

/** Restores it, compared with its manifest to the row. */
async function restoresTo(backup: Backup, orders: number): Promise<void> {
  const copy = await restoreBeside(database, backup, {
    ...{ name: 'manifest', pgBin: await binFolder(), jobs: 2, applicationName, attempt: 1, signal },
    onProgress: () => {},
  });
  expect(await oneValue(copy.url, 'SELECT count(*)::int FROM orders')).toBe(orders);
  await dropCopy(database.url, copy.name, applicationName);
}
