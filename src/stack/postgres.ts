import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noDataFolder } from '../domain/problems/stack.js';
import { HOST } from '../adapters/ports.js';
import { listed } from './process.js';
import { run, type Account } from '../adapters/run.js';
import { chosen, type Server } from './server.js';
import type { PostgresState } from './state.js';
import { account } from '../adapters/account.js';
import { postgresFolder, postgresPrograms } from './unprivileged.js';

const USER = 'postgres';

export const postgres: Server<PostgresState> = {
  name: 'postgres',
  called: 'PostgreSQL',
  looks: /^postgres: |\/postgres -D /,
  ports: { postgres: 5432 },
  // Fast shutdown, then an immediate one, which costs a recovery at the next start.
  stop: [
    { signal: 'SIGINT', waitMs: 30_000 },
    { signal: 'SIGQUIT', waitMs: 5_000 },
  ],
  // Recovery after a crash replays all that was written since the last checkpoint.
  startMs: 120_000,
  // The sessions of a server that was killed take a moment to notice.
  passing: /pre-existing shared memory block/,
  folder: postgresFolder,

  async prepare({ place, tools, onProgress }, folder, ports) {
    const as = await account();
    const programs = await postgresPrograms(place, tools.pgBin, as);
    const port = chosen(ports, 'postgres');
    const data = join(folder, 'data');
    await mkdir(folder, { recursive: true });
    await give(folder, as, 0o700);
    const password = await passwordIn(folder, as);
    if (!existsSync(data)) {
      onProgress('PostgreSQL: making its data folder');
      await initdb(programs, folder, as);
    }
    await forgetStrangersLock(data);
    const { stdout } = await run(join(programs, 'postgres'), ['--version'], { as });
    return {
      daemon: { file: join(programs, 'postgres'), args: ['-D', data, '-p', String(port)], as },
      state: { host: HOST, port, user: USER, password, version: /[\d.]+/.exec(stdout)?.[0] ?? '' },
    };
  },

  answers: async ({ tools }, { host, port }) =>
    (
      await run(join(tools.pgBin, 'pg_isready'), [
        '-q',
        '-h',
        host,
        '-p',
        String(port),
        '-d',
        'postgres',
        '-t',
        '2',
      ])
    ).ok,
};

/** Kept beside the data that it opens, so that a lost stack.json is no lost database. */
async function passwordIn(folder: string, as: Account | undefined): Promise<string> {
  const path = join(folder, 'password');
  const known = await readFile(path, 'utf8').catch(() => '');
  if (known) return known;
  const password = randomBytes(18).toString('base64url');
  await writeFile(`${path}.new`, password, { mode: 0o600 });
  await give(`${path}.new`, as, 0o600);
  await rename(`${path}.new`, path);
  return password;
}

async function give(path: string, as: Account | undefined, mode: number): Promise<void> {
  if (as) await chown(path, as.uid, as.gid);
  await chmod(path, mode);
}

/** Settings for good; the port may change and is an argument of each start. No socket: paths may be too long. */
const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
};

/** Made under another name: a data folder that is there is whole. */
async function initdb(programs: string, folder: string, as: Account | undefined): Promise<void> {
  const made = join(folder, 'data.new');
  await rm(made, { recursive: true, force: true });
  const { ok, lastWords } = await run(
    join(programs, 'initdb'),
    [
      ...['-D', made, '-U', USER, `--pwfile=${join(folder, 'password')}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ...Object.entries(SETTINGS).map(([name, value]) => `--set=${name}=${value}`),
    ],
    { as },
  );
  if (!ok) throw noDataFolder(join(folder, 'data'), lastWords);
  await rename(made, join(folder, 'data'));
}

/**
 * PostgreSQL does not start while the process named in postmaster.pid exists. After a crash that may be a
 * stranger that got its number, or a corpse that nobody fetched (in a container without init): not a server.
 */
async function forgetStrangersLock(data: string): Promise<void> {
  const path = join(data, 'postmaster.pid');
  const pid = Number((await readFile(path, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid || !exists(pid)) return;
  const holder = (await listed()).find((process) => process.pid === pid);
  if (!holder || !postgres.looks.test(holder.command)) await rm(path);
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
