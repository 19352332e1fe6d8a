import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shell } from '../../../src/adapters/shell.js';
import { down, stackState } from '../../../src/stack/down.js';
import { clientEnvironment } from '../../../src/stack/environment.js';
import { isFree } from '../../../src/adapters/ports.js';
import { identify, listed } from '../../../src/stack/process.js';
import type { StackState } from '../../../src/stack/state.js';
import { tools } from '../../../src/stack/tools.js';
import { up } from '../../../src/stack/up.js';
import { testVenv } from '../../support/servers.js';

let home: string;
let venv: string;
let state: StackState;

const start = () => up({ home, venv, searchAttributes: { LkTarget: 'Keyword' } });

beforeAll(async () => {
  venv = await testVenv();
  home = await mkdtemp(join(tmpdir(), 'lockkeeper-up-'));
  await chmod(home, 0o755);
  state = await start();
});
afterAll(async () => {
  await down({ home, erase: true });
  await rm(home, { recursive: true });
});

const pids = ({ postgres, temporal, nginx }: StackState) =>
  [postgres, temporal, nginx].map((server) => server?.process?.pid);
const ports = ({ postgres, temporal, nginx }: StackState) =>
  [postgres, temporal, nginx].map((server) => server?.ports);

async function temporal(...args: string[]): Promise<string> {
  const env = clientEnvironment(state);
  return (await shell({ file: tools(venv).temporal, args, env })).stdout;
}

async function sql(statement: string): Promise<string> {
  const { host, port, user, password } = state.postgres!;
  const args = ['-XAtq', '-h', host, '-p', String(port), '-U', user, '-d', 'postgres', '-c', statement];
  const { stdout } = await shell({
    file: join(tools(venv).pgBin, 'psql'),
    args,
    env: { PGPASSWORD: password },
  });
  return stdout.trim();
}

const oursIn = async (folder: string) =>
  (await listed()).filter(({ command, folder: cwd }) => command.includes(folder) || cwd.startsWith(folder));

it('starts servers that answer, with settings that keep what is written', async () => {
  expect(
    await sql(
      "select current_setting('fsync'), pg_encoding_to_char(encoding), current_setting('port')" +
        " from pg_database where datname = 'postgres'",
    ),
  ).toBe(`on|UTF8|${state.postgres!.port}`);
  expect(await temporal('operator', 'namespace', 'describe', '-n', 'default', '-o', 'json')).toContain(
    '2592000s',
  );
  expect(await temporal('operator', 'search-attribute', 'list')).toContain('LkTarget');
  const page = await fetch(state.nginx!.url);
  expect([page.status, await page.text()]).toEqual([404, expect.stringContaining('no site is configured')]);
});

it('keeps the password from everybody else, and asks for it', async () => {
  expect((await stat(join(home, '.lockkeeper', 'stack.json'))).mode & 0o777).toBe(0o600);
  const { postgres } = state;
  state = { ...state, postgres: { ...postgres!, password: 'wrong' } };
  await expect(sql('select 1')).rejects.toMatchObject({ stderr: expect.stringContaining('password') });
  state = { ...state, postgres: postgres! };
});

it('starts nothing again that runs', async () => {
  const again = await start();
  expect(pids(again)).toEqual(pids(state));
  expect(again.notes).toEqual([]);
});

it('registers search attributes that are asked for later', async () => {
  await up({ home, venv, servers: ['temporal'], searchAttributes: { LkLater: 'Int' } });
  expect(await temporal('operator', 'search-attribute', 'list')).toMatch(/LkLater\s+Int/);
});

it('comes back after kill -9 of everything with the same ports, rows and running workflows, and with search attributes that are new', async () => {
  await sql('create table kept as select 42 as answer');
  await temporal('workflow', 'start', '--type', 'any', '--task-queue', 'none', '--workflow-id', 'kept');
  for (const { pid } of await oursIn(join(home, '.lockkeeper'))) process.kill(pid, 'SIGKILL');

  const before = state;
  state = await up({ home, venv, searchAttributes: { LkNew: 'Keyword' } });
  expect(ports(state)).toEqual(ports(before));
  expect(await temporal('operator', 'search-attribute', 'list')).toMatch(/LkNew\s+Keyword/);
  expect(await sql('select answer from kept')).toBe('42');
  expect(await temporal('workflow', 'list')).toMatch(/Running\s+kept/);
});

it('comes back when only the first process of each server was killed', async () => {
  for (const pid of pids(state)) process.kill(pid!, 'SIGKILL');
  const before = state;
  state = await up({ home, venv, searchAttributes: { LkNew: 'Keyword' } });
  expect(ports(state)).toEqual(ports(before));
  expect(await temporal('operator', 'search-attribute', 'list')).toMatch(/LkNew\s+Keyword/);
  expect(await sql('select answer from kept')).toBe('42');
});

it('replaces servers that run without being noted, rather than starting a second one on their data', async () => {
  const before = pids(state);
  await rm(join(home, '.lockkeeper', 'stack.json'));
  state = await start();
  for (const pid of before) expect(await identify(pid!)).toBeUndefined();
  expect(await sql('select answer from kept')).toBe('42');
});

it('leaves no process when it stops them, and stops them twice without harm', async () => {
  await down({ home });
  expect(await oursIn(join(home, '.lockkeeper'))).toEqual([]);
  expect(await isFree(state.postgres!.port)).toBe(true);
  expect(pids(await stackState(home))).toEqual([undefined, undefined, undefined]);
  await down({ home });
  state = await start();
  expect(await sql('select answer from kept')).toBe('42');
});
