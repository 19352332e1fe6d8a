import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, HOST } from '../../src/adapters/ports.js';
import { run } from '../../src/adapters/run.js';
import { account } from '../../src/adapters/account.js';
import type { TestDatabase } from './servers.js';

export interface InstalledServer {
  freshDatabase: () => Promise<TestDatabase>;
  url: (database: string) => string;
  stop: () => Promise<void>;
}

/**
 * A private server of the PostgreSQL that lies in a folder, such as /usr/lib/postgresql/15/bin.
 *
 * @param more - settings of postgresql.conf; what is set here already is set anew
 * @param standby - it follows a server that is not there: it takes no changes
 */
export async function installedPostgres(
  bin: string,
  more: Readonly<Record<string, string>> = {},
  { standby = false }: { standby?: boolean } = {},
): Promise<InstalledServer> {
  const as = await account();
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-pg-'));
  const own = async (path: string) => as && chown(path, as.uid, as.gid);
  const password = randomBytes(12).toString('hex');
  await writeFile(join(folder, 'password'), password);
  await Promise.all([own(folder), own(join(folder, 'password')), chmod(folder, 0o700)]);
  const data = join(folder, 'data');
  const made = await run(
    join(bin, 'initdb'),
    [
      ...['-D', data, '-U', 'postgres', `--pwfile=${join(folder, 'password')}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', '--no-sync'],
    ],
    { as },
  );
  if (!made.ok) throw new Error(made.lastWords);
  if (standby) await writeFile(join(data, 'standby.signal'), '');
  const port = await freePort();
  const settings = {
    listen_addresses: HOST,
    port,
    unix_socket_directories: '',
    fsync: 'off',
    timezone: 'UTC',
    ...more,
  };
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...as, cwd: '/', stdio: 'ignore' },
  );
  const url = (database: string) => `postgresql://postgres:${password}@${HOST}:${port}/${database}`;
  const psql = (statement: string) =>
    run(join(bin, 'psql'), ['-XAtq', '-d', url('postgres'), '-c', statement], { env: { LC_ALL: 'C' } });
  await answers(psql);
  return {
    freshDatabase: async () => {
      const name = `t_${randomBytes(6).toString('hex')}`;
      const created = await psql(`create database ${name} template template0`);
      if (!created.ok) throw new Error(created.lastWords);
      return {
        name,
        url: url(name),
        drop: () => psql(`drop database if exists ${name} with (force)`).then(() => undefined),
      };
    },
    url,
    stop: async () => {
      server.kill('SIGINT');
      if (server.exitCode === null) await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(
  psql: (statement: string) => Promise<{ ok: boolean; lastWords: string }>,
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { ok, lastWords } = await psql('select 1');
    if (ok) return;
    if (tries === 100) throw new Error(lastWords);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
