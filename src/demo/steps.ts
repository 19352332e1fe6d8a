import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { shell } from '../adapters/shell.js';
import { demoStepFailed } from '../domain/problems/demo.js';
import { BACKUPS, demoSettings, SECRET_FILE } from './settings.js';
import type { DemoPlace } from './place.js';

/** An empty database and an empty record: the demo always begins at the beginning. */
export async function prepare(place: DemoPlace): Promise<void> {
  const { env, state, settings, home, flag, tools } = place;
  // Nothing of an earlier demo runs, which may have been killed in the middle of a deploy.
  await shell(serve(place, 'stop')).catch(() => undefined);
  await shell(terminate(place)).catch(() => undefined);
  const kept = ['plans', 'records', 'schemas', 'revisions', 'rehearsals', 'counters'];
  for (const folder of [...kept.map((name) => join(state, name)), join(home, BACKUPS)])
    await rm(folder, { recursive: true, force: true });
  await rm(flag, { force: true });
  await mkdir(dirname(flag), { recursive: true });
  await writeFile(settings, demoSettings(place));
  await writeFile(join(home, SECRET_FILE), `${env['DATABASE_URL']}\n`, { mode: 0o600 });
  for (const database of (await psql(place, OURS)).split('\n').filter(Boolean))
    await psql(place, `drop database "${database}" with (force)`);
  await psql(place, 'create database shop');
  await python(place, ['-m', 'alembic', 'upgrade', 'head'], join(place.shop, 'releases', 'r1'));
  await python(place, [join(place.shop, 'bin', 'seed.py')], home);
  await checked(shell(serve(place, 'start', 'r1')), `start r1 with ${tools.python}`);
}

/** The shop, copies of it, and what a restore has put aside: all databases of this server but its own. */
const OURS = `select datname from pg_database where not datistemplate and datname <> 'postgres'`;

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

const terminate = ({ tools, stack }: DemoPlace) => ({
  file: tools.temporal,
  args: [
    ...['workflow', 'terminate', '--workflow-id', 'lockkeeper:shop', '--reason', 'a new demo begins'],
    ...['--address', stack.temporal?.address ?? ''],
  ],
});

const serve = ({ tools, shop, env }: DemoPlace, ...args: string[]) => ({
  file: tools.python,
  args: [join(shop, 'bin', 'serve'), ...args],
  env,
});

const python = ({ tools, env }: DemoPlace, args: readonly string[], cwd: string) =>
  checked(shell({ file: tools.python, args, cwd, env }), args.join(' '));

async function psql({ tools, stack }: DemoPlace, sql: string): Promise<string> {
  const { host, port, user, password } = stack.postgres!;
  const where = ['-h', host, '-p', String(port), '-U', user, '-d', 'postgres'];
  const command = {
    file: join(tools.pgBin, 'psql'),
    args: ['-XqAt', '-v', 'ON_ERROR_STOP=1', ...where, '-c', sql],
    env: { PGPASSWORD: password },
  };
  return (await checked(shell(command), sql)).stdout;
}

async function checked<T>(work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const words = (error as { lastWords?: () => string }).lastWords?.() ?? (error as Error).message;
    throw demoStepFailed(what, words);
  }
}
