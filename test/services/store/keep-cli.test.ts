import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { backUp } from '../../../src/activities/back-up.js';
import { shell } from '../../../src/adapters/shell.js';
import { createProgram } from '../../../src/commands/program.js';
import { freshDatabase, servers } from '../../support/servers.js';
import { quietWork, SettingsHome } from '../../support/settings-home.js';

const work = quietWork();
let database: Awaited<ReturnType<typeof freshDatabase>>;
let home: SettingsHome;
let pgBin: string;
beforeAll(async () => {
  ({ pgBin } = (await servers()).tools);
  database = await freshDatabase();
  await psql(
    database.url,
    `CREATE TABLE orders (id bigserial PRIMARY KEY, note text);
     INSERT INTO orders (note) SELECT 'order ' || n FROM generate_series(1, 500) n;
     CREATE VIEW many AS SELECT count(*) FROM orders`,
  );
  home = await SettingsHome.make();
  await writeFile(join(home.folder, 'url'), database.url);
  await mkdir(join(home.folder, 'nas'));
  await home.write({
    database: { url: 'file:url' },
    backup: { tools: pgBin, copies: [{ name: 'nas', folder: 'nas' }], keep: { last: 1 } },
  });
  for (const runId of ['run-a', 'run-b']) await backUp(home.home, { target: 'shop', runId }, work);
});
afterAll(async () => {
  await home?.remove();
  await database?.drop();
});

const psql = (url: string, ...args: string[]) =>
  shell({
    file: join(pgBin, 'psql'),
    args: ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url, ...args.flatMap((sql) => ['-c', sql])],
  }).then(({ stdout }) => stdout.trim());

/** What the CLI prints, and its exit code. */
async function lockkeeper(...args: string[]): Promise<{ out: string; code: number }> {
  let [out, code] = ['', -1];
  const print = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    await createProgram((told) => (code = told)).parseAsync(['--config', home.file, ...args], {
      from: 'user',
    });
    return { out, code };
  } finally {
    print.mockRestore();
  }
}
const json = async (...args: string[]) =>
  JSON.parse((await lockkeeper('--json', ...args)).out) as Record<string, never>;

it('lists backups with their copies, as text and as JSON, by both of its names', async () => {
  const { out, code } = await lockkeeper('backup', 'list');
  expect(code).toBe(0);
  expect(out.split('\n')[1]).toMatch(/^run-b .* not proved; copied to nas$/);
  expect((await lockkeeper('backup', '--list', 'shop')).out.split('\n')[2]).toMatch(/^run-a /);
  expect(await json('backup', 'list', 'shop')).toMatchObject({
    schemaVersion: 1,
    backups: [
      { id: 'run-b', here: true, copies: [{ store: 'nas' }], missing: [], pins: [] },
      { id: 'run-a' },
    ],
  });
  expect((await lockkeeper('backup', 'list', '--copies')).out).toMatch(/run-b .*nas.*\n.*run-a .*nas/s);
});

it('shows one in words', async () => {
  const { out } = await lockkeeper('backup', 'show', 'shop', '--backup', 'run-a');
  expect(out).toMatch(/^holds +500 rows in 1 table, 1 sequence/m);
  expect(out).toMatch(/^proved +not proved; when it was taken: L2$/m);
  expect(out).toMatch(/^copies +nas: .*nas, copied .*, not encrypted$/m);
  expect(await json('backup', 'show')).toMatchObject({ id: 'run-b', manifest: { id: 'run-b' } });
});

it('reads its copies back when asked to, and says which are damaged', async () => {
  const checked = await lockkeeper('backup', 'show', '--backup', 'run-a', '--check-copies');
  expect(checked).toMatchObject({ code: 0, out: expect.stringContaining('reading the copy in nas back') });
  const { copies } = (await json('backup', 'show', '--backup', 'run-a')) as unknown as {
    copies: { files: { key: string }[] }[];
  };
  const path = join(home.folder, 'nas', copies[0]!.files[0]!.key);
  const content = await readFile(path);
  await writeFile(path, content.subarray(1));
  const damaged = await lockkeeper('backup', 'show', '--backup', 'run-a', '--check-copies');
  expect(damaged).toMatchObject({ code: 1, out: expect.stringMatching(/ALARM: nas: .*has \d+ bytes there/) });
  expect(damaged.out).toMatch(/^copies +nas: NONE since/m);
  // The next backup makes up for it.
  await backUp(home.home, { target: 'shop', runId: 'run-b' }, work);
  expect((await lockkeeper('backup', 'list')).out).toMatch(/run-a .*copied to nas/);
});

it('pins and unpins, and says who did; which one is never guessed', async () => {
  await lockkeeper('backup', 'pin', '--backup', 'run-a', '--note', 'before 2.0');
  expect((await lockkeeper('backup', 'show', '--backup', 'run-a')).out).toMatch(
    /^pinned +by \S+ .*: before 2\.0$/m,
  );
  expect(await json('backup', 'unpin', '--backup', 'run-a')).toMatchObject({ gone: [{ why: 'before 2.0' }] });
  await expect(lockkeeper('backup', 'pin')).rejects.toMatchObject({ code: 'wrong-use' });
});

describe('export', () => {
  const to = (name: string) => join(home.folder, name);

  it('writes plain SQL that an empty database takes in one transaction', async () => {
    const path = to('out.sql');
    const told = await json('backup', 'export', '--to', path);
    expect(told).toMatchObject({ path, backup: 'run-b', alarms: [] });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const copy = await freshDatabase();
    await shell({
      file: join(pgBin, 'psql'),
      args: ['-Xq1', '-v', 'ON_ERROR_STOP=1', '-d', copy.url, '-f', path],
    });
    expect(await psql(copy.url, 'SELECT * FROM many')).toBe('500');
    await copy.drop();
    await expect(lockkeeper('backup', 'export', '--to', path)).rejects.toMatchObject({
      code: 'export-exists',
    });
  });

  it('names it as the guide does, of when the backup was taken', async () => {
    const here = process.cwd();
    process.chdir(home.folder);
    try {
      await lockkeeper('backup', 'export');
    } finally {
      process.chdir(here);
    }
    expect(
      (await readdir(home.folder)).filter((name) => /^backup_\d{8}_\d{6}\.sql$/.test(name)),
    ).toHaveLength(1);
  });

  it('writes the archive, which pg_restore reads', async () => {
    const path = to('out.dump');
    await lockkeeper('backup', 'export', '--format', 'archive', '--to', path);
    const { stdout } = await shell({ file: join(pgBin, 'pg_restore'), args: ['--list', path] });
    expect(stdout).toContain('TABLE DATA public orders');
  });

  it('takes the copy when the archive is damaged, and says so; leaves nothing half done', async () => {
    const { backups } = (await json('backup', 'list')) as unknown as {
      backups: { id: string; path: string }[];
    };
    const { path } = backups.find(({ id }) => id === 'run-a')!;
    const files = (await stat(path)).isDirectory()
      ? (await readdir(path)).map((name) => join(path, name))
      : [path];
    const content = await readFile(files[0]!);
    content[content.length >> 1]! ^= 1;
    await writeFile(files[0]!, content);
    const told = await json('backup', 'export', '--backup', 'run-a', '--to', to('a.sql'));
    expect(told).toMatchObject({ alarms: [expect.stringContaining('fetched back from nas')] });
    expect((await readdir(home.folder)).filter((name) => name.includes('.part'))).toEqual([]);
  });
});

it('expires only when told so, and only past a proven one', async () => {
  const folder = join(home.folder, '.lockkeeper', 'backups', 'shop');
  expect((await lockkeeper('backup', 'expire')).out).toMatch(/run-a .* stays: none is proven/);
  await writeFile(join(folder, 'run-b.proved'), `${new Date().toISOString()}\n`);
  const dry = await lockkeeper('backup', 'expire', 'shop');
  expect(dry.out).toMatch(
    /run-a .* goes\n[^]*nothing was deleted\. Do it: lockkeeper backup expire shop --yes/,
  );
  expect(await readdir(folder)).toContain('run-a.json');
  expect(await json('backup', 'expire', '--yes')).toMatchObject({
    deleted: true,
    backups: [
      { id: 'run-b', stays: true, reasons: ['the last proven', 'last'] },
      { id: 'run-a', stays: false },
    ],
  });
  expect(
    (await readdir(folder)).filter((name) => name.startsWith('run-a.') && !name.includes('damaged')),
  ).toEqual([]);
  expect(await readdir(join(home.folder, 'nas', 'shop'))).toEqual(['run-b', 'run-b.copy.json']);
});

it('fetches what is lost here', async () => {
  await rm(join(home.folder, '.lockkeeper', 'backups'), { recursive: true });
  expect(await json('backup', 'fetch')).toMatchObject({ backup: 'run-b', store: 'nas' });
  expect((await lockkeeper('backup', 'export', '--to', join(home.folder, 'again.sql'))).code).toBe(0);
});
