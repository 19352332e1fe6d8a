import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { shell } from '../adapters/shell.js';
import { demoStepFailed } from '../domain/problems/demo.js';
import { down } from '../stack/down.js';
import type { Tools } from '../stack/tools.js';
import { stopWorker } from '../stack/worker-daemon.js';
import { demoSettings, SECRET_FILE } from './settings.js';
import { shopFolder, type DemoPlace } from './place.js';

/**
 * Nothing of an earlier demo runs, which may have been left running or killed in the middle of a deploy, and
 * nothing of it is left: the demo always begins at the beginning.
 */
export async function clear(home: string, { python }: Tools): Promise<void> {
  const env = { SHOP_HOME: join(home, 'shop'), SHOP_PORT: '0', SHOP_NGINX: 'none', SHOP_NGINX_SITE: 'none' };
  await shell({ file: python, args: [join(shopFolder, 'bin', 'serve'), 'stop'], env }).catch(() => undefined);
  await stopWorker(home);
  await down({ home, erase: true });
  // The folder itself stays: somebody's terminal may stand in it.
  for (const name of await readdir(home)) await rm(join(home, name), { recursive: true, force: true });
}

/** A project with its settings, a database, and release r1 that serves it. */
export async function prepare(place: DemoPlace): Promise<void> {
  const { env, settings, home, flag, tools } = place;
  await mkdir(dirname(flag), { recursive: true });
  await writeFile(settings, demoSettings(place));
  await writeFile(join(home, SECRET_FILE), `${env['DATABASE_URL']}\n`, { mode: 0o600 });
  await psql(place, 'create database shop');
  await python(place, ['-m', 'alembic', 'upgrade', 'head'], join(place.shop, 'releases', 'r1'));
  await python(place, [join(place.shop, 'bin', 'seed.py')], home);
  await checked(shell(serve(place, 'start', 'r1')), `start r1 with ${tools.python}`);
}

/** Stops every copy of the shop. */
export const stopShop = (place: DemoPlace) => shell(serve(place, 'stop'));

/** Writes stop.sh into the demo's folder: what ends all that `--keep` leaves running. */
export async function writeStop({ env, tools, shop, home }: DemoPlace, cli: string): Promise<void> {
  const { DATABASE_URL: _, ...plain } = env;
  const set = Object.entries(plain).map(([name, value]) => `${name}=${quoted(value)}`);
  const lines = [
    `#!/bin/sh`,
    `# Written by lockkeeper demo --keep: stops the shop, the worker and the servers.`,
    `cd ${quoted(home)} || exit 1`,
    [...set, ...[tools.python, join(shop, 'bin', 'serve'), 'stop'].map(quoted)].join(' '),
    [process.execPath, cli, 'down'].map(quoted).join(' '),
  ];
  await writeFile(join(home, 'stop.sh'), `${lines.join('\n')}\n`);
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

const serve = ({ tools, shop, env }: DemoPlace, ...args: string[]) => ({
  file: tools.python,
  args: [join(shop, 'bin', 'serve'), ...args],
  env,
});

const python = ({ tools, env }: DemoPlace, args: readonly string[], cwd: string) =>
  checked(shell({ file: tools.python, args, cwd, env }), args.join(' '));

async function psql({ tools, stack }: DemoPlace, sql: string): Promise<void> {
  const { host, port, user, password } = stack.postgres!;
  const where = ['-h', host, '-p', String(port), '-U', user, '-d', 'postgres'];
  const command = {
    file: join(tools.pgBin, 'psql'),
    args: ['-XqAt', '-v', 'ON_ERROR_STOP=1', ...where, '-c', sql],
    env: { PGPASSWORD: password },
  };
  await checked(shell(command), sql);
}

async function checked<T>(work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const words = (error as { lastWords?: () => string }).lastWords?.() ?? (error as Error).message;
    throw demoStepFailed(what, words);
  }
}
