import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rehearse } from '../../../src/activities/rehearse.js';
import { tidy } from '../../../src/activities/tidy.js';
import { scratchFolder, sweepScratchFolders } from '../../../src/adapters/scratch/folder.js';
import { shell } from '../../../src/adapters/shell.js';
import { readManifest } from '../../../src/adapters/backup/files.js';
import { installedPostgres } from '../../support/installed-postgres.js';
import { binFolder, newFolder, removeFolders, run } from '../backup/support.js';
import { die, problem, work } from '../restore/support.js';
import { prepareAt } from './other-server.js';
import { projects } from './support.js';

const ready = projects();
afterEach(removeFolders);

it('without the programs of a server it says what to install or to set, and restores nothing', async () => {
  const tools = join(await newFolder(), 'bin');
  await mkdir(tools);
  for (const name of ['pg_dump', 'pg_restore', 'pg_dumpall'])
    await symlink(join(await binFolder(), name), join(tools, name));
  const { home, input } = await ready({ settings: { backup: { tools } } });
  const path = process.env.PATH;
  const venv = process.env.LOCKKEEPER_VENV;
  process.env.PATH = '/nowhere';
  process.env.LOCKKEEPER_VENV = '/nowhere';
  try {
    const missing = await problem(rehearse(home, input, work()));
    expect(missing.code).toBe('no-server-programs');
    expect(missing.told.next.join()).toMatch(/apt-get install postgresql-18.*rehearsal\.where: server/);
  } finally {
    process.env.PATH = path;
    if (venv === undefined) delete process.env.LOCKKEEPER_VENV;
    else process.env.LOCKKEEPER_VENV = venv;
  }
});

it.each([
  [{ databaseGiB: 0.001 }, 'rehearsal-too-large'],
  [{ diskGiB: 0.001 }, 'rehearsal-too-large'],
])('limits are told before anything is restored: %j', async (limits, code) => {
  const { home, input } = await ready({ settings: { ...(await toolsOf()), rehearsal: { limits } } });
  const said: string[] = [];
  const refused = await problem(rehearse(home, input, work({ progress: (text) => said.push(text) })));
  expect(refused.code).toBe(code);
  expect(refused.message).toContain(`rehearsal.limits.${Object.keys(limits)[0]}`);
  expect(said.join()).not.toContain('restoring');
});

it('a copy that does not fit the disk is told before anything is restored', async () => {
  const { home, input, project } = await ready({ settings: await toolsOf() });
  const disk = project.path('.lockkeeper', 'scratch');
  await mkdir(disk, { recursive: true });
  // The user that PostgreSQL runs as gets in: else the copy would lie elsewhere.
  await chmod(project.path('.lockkeeper'), 0o755);
  const args = ['-t', 'tmpfs', '-o', 'size=64m,mode=755', 'tmpfs', disk];
  const mounted = await shell({ file: 'mount', args }).catch(() => undefined);
  if (!mounted) return console.warn('only root can mount a small disk: the test of a full disk is left out');
  try {
    const said: string[] = [];
    const refused = await problem(rehearse(home, input, work({ progress: (text) => said.push(text) })));
    expect(refused.code).toBe('rehearsal-no-room');
    expect(refused.message).toMatch(
      /the copy for the rehearsal does not fit: \d+(\.\d)? MiB are free in .*the database itself is untouched/,
    );
    expect(said.join()).not.toContain('restoring');
  } finally {
    await shell({ file: 'umount', args: [disk] });
  }
});

it('what initdb has made is copied the next time; where that is damaged, it is made anew', async () => {
  const { home, input, project } = await ready({ settings: await toolsOf() });
  const kept = async () => readdir(project.path('.lockkeeper', 'initdb')).catch(() => []);
  await rehearse(home, input, work());
  const [name] = await kept();
  const version = project.path('.lockkeeper', 'initdb', name!, 'data', 'PG_VERSION');
  const { mtimeMs } = await stat(version);
  await rehearse(home, input, work());
  expect((await stat(version)).mtimeMs).toBe(mtimeMs);
  await rm(project.path('.lockkeeper', 'initdb', name!, 'data', 'global'), { recursive: true });
  expect(await rehearse(home, input, work())).toMatchObject({ schemaBack: 'same' });
  expect((await stat(version)).mtimeMs).toBeGreaterThan(mtimeMs);
});

const toolsOf = async () => ({ backup: { tools: await binFolder() } });

it('an extension that is not there is named, before the first row', async () => {
  const { home, input } = await ready();
  const manifest = (await readManifest(input.backup.manifest))!;
  const contents = {
    ...manifest.contents,
    extensions: { ...manifest.contents.extensions, postgis: '3.5.0' },
  };
  await writeFile(input.backup.manifest, JSON.stringify({ ...manifest, contents }));
  const unfit = await problem(rehearse(home, input, work()));
  expect(unfit.code).toBe('scratch-unfit');
  expect(unfit.message).toContain('extension postgis 3.5.0: the server does not have it');
});

it('roles, privileges, settings and tablespaces of the database are those of production', async () => {
  const { home, input, project } = await ready(
    {},
    `CREATE ROLE lk_rehearsal_reader; GRANT SELECT ON orders TO lk_rehearsal_reader; ALTER ROLE lk_rehearsal_reader SET work_mem = '5MB'`,
  );
  try {
    expect(await rehearse(home, input, work())).toMatchObject({ schemaBack: 'same' });
  } finally {
    await run(project.url, 'DROP OWNED BY lk_rehearsal_reader; DROP ROLE lk_rehearsal_reader');
  }
});

it('a worker that is killed takes its private server along, and what is left is swept', async () => {
  const { home, input, project } = await ready();
  const settings = project.path('lockkeeper.yaml');
  await die({ dieAt: 'rehearsing: forward', url: project.url, rehearse: { settings, input } });
  const folder = project.path('.lockkeeper', 'scratch');
  const [id] = await readdir(folder);
  const { path } = JSON.parse(await readFile(join(folder, id!, 'note.json'), 'utf8')) as { path: string };
  for (let n = 0; n < 100 && existsSync(join(path, 'data')); n += 1)
    await new Promise((done) => setTimeout(done, 100));
  expect(existsSync(join(path, 'data'))).toBe(false);
  const told = await tidy(home, input, work());
  expect(told.join()).toContain('ended the private server of its rehearsal');
  expect(existsSync(path)).toBe(false);
});

it('a private server that dies is no fault of the plan: it may be tried again, and nothing is left', async () => {
  const { home, input, project } = await ready();
  const kill = async () => {
    const folder = project.path('.lockkeeper', 'scratch');
    const [id] = await readdir(folder);
    const note = JSON.parse(await readFile(join(folder, id!, 'note.json'), 'utf8')) as { path: string };
    const [pid] = (await readFile(join(note.path, 'data', 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGKILL');
  };
  const progress = (text: string) => void (text === 'rehearsing: forward' && kill());
  const cut = await problem(rehearse(home, input, work({ progress })));
  expect(cut.told.retry).toBe(true);
  expect(await rehearse(home, input, work())).toMatchObject({ schemaBack: 'same' });
});

it('a server of a target that is at work is left alone by others', async () => {
  const state = await newFolder();
  const mine = await scratchFolder(state, 'mine');
  expect(await sweepScratchFolders(state, 'other')).toEqual([]);
  expect(existsSync(mine.path)).toBe(true);
  expect(await sweepScratchFolders(state, 'mine')).toEqual(['mine']);
  expect(existsSync(mine.path)).toBe(false);
});

const PG_15 = '/usr/lib/postgresql/15/bin';
(existsSync(PG_15) ? it : it.skip)('a database of PostgreSQL 15 is rehearsed on a server of 15', async () => {
  const old = await installedPostgres(PG_15);
  const database = await old.freshDatabase();
  try {
    const { home, input, close } = await prepareAt(database.url, PG_15);
    const done = await rehearse(home, input, work());
    expect(done).toMatchObject({ schemaBack: 'same', valuesBack: 'same', measured: { where: 'private' } });
    expect(done.seen.postgres).toBe(15);
    await close();
  } finally {
    await old.stop();
  }
});
