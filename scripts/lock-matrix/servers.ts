import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { account } from '../../src/adapters/account.js';
import { postgresPrograms } from '../../src/stack/unprivileged.js';
import { placeOf } from '../../src/stack/place.js';
import { run, type Account } from '../../src/adapters/run.js';

/** A server of one major, started for this measurement alone. */
export interface Server {
  major: number;
  version: string;
  url: (database: string) => string;
  /** An empty folder of its own. */
  tablespace: string;
  stop: () => Promise<void>;
}

/** Where downloaded servers are kept: outside of the project, since they are 60 MB each. */
export const cacheFolder = (): string =>
  process.env.LOCKKEEPER_POSTGRES_BINS ?? join(homedir(), '.cache', 'lockkeeper-postgres');

/** Folders with `postgres` and `initdb`, by major: Debian's, the one of our Python environment, the cache's. */
export async function programsAtHand(root: string): Promise<Map<number, string>> {
  const folders = [
    ...below('/usr/lib/postgresql').map((folder) => join(folder, 'bin')),
    ...below(cacheFolder()).map((folder) => join(folder, 'native', 'bin')),
    ...below(join(root, '.lockkeeper', '.venv', 'lib')).map((python) =>
      join(python, 'site-packages', 'embedded_postgres', 'pginstall', 'bin'),
    ),
  ].filter((folder) => existsSync(join(folder, 'postgres')));
  const found = new Map<number, string>();
  for (const folder of folders) {
    const { stdout } = await run(join(folder, 'postgres'), ['--version']);
    const major = Number(/\s(\d+)/.exec(stdout)?.[1] ?? 0);
    if (major) found.set(major, folder);
  }
  return found;
}

const below = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];

/** @returns the server, ready to take connections. Nothing that it holds survives a crash: it is quick instead. */
export async function start(root: string, bin: string): Promise<Server> {
  const as = await account();
  const programs = await postgresPrograms(placeOf(root), bin, as);
  const folder = mkdtempSync(join(tmpdir(), 'lock-matrix-'));
  const tablespace = join(folder, 'tablespace');
  mkdirSync(tablespace);
  for (const made of as ? [folder, tablespace] : []) chownSync(made, as?.uid ?? 0, as?.gid ?? 0);
  const data = join(folder, 'data');
  const made = await run(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C', '-N'],
    { as },
  );
  if (!made.ok) throw new Error(`initdb of ${bin}: ${made.lastWords}`);
  const port = await freePort();
  const server = launch(join(programs, 'postgres'), data, port, as);
  const url = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`;
  const version = await untilReady(url('postgres'), server);
  const stop = async () => {
    server.kill('SIGQUIT');
    await new Promise((resolve) => (server.exitCode === null ? server.once('exit', resolve) : resolve(null)));
    rmSync(folder, { recursive: true, force: true });
  };
  return { major: Number(version.split('.')[0]), version, url, tablespace, stop };
}

function launch(file: string, data: string, port: number, as: Account | undefined): ChildProcess {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    autovacuum: 'off',
    wal_level: 'logical',
    max_locks_per_transaction: 256,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn(file, ['-D', data, ...args], {
    ...as,
    cwd: '/',
    stdio: 'ignore',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  });
}

async function untilReady(url: string, server: ChildProcess): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (server.exitCode !== null) break;
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('show server_version');
      return rows[0]?.server_version.split(' ')[0] ?? '';
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  throw new Error(`PostgreSQL did not start (exit code ${server.exitCode})`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
