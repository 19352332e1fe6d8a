import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shell } from '../adapters/shell.js';
import { demoStepFailed } from '../domain/problems/demo.js';
import { run } from '../stack/run.js';
import { demoSettings, SECRET_FILE } from './settings.js';
import type { DemoPlace } from './place.js';

/** An empty database and an empty record: the demo always begins at the beginning. */
export async function prepare(place: DemoPlace): Promise<void> {
  const { env, state, settings, home, tools } = place;
  // Nothing of an earlier demo runs, which may have been killed in the middle of a deploy.
  await shell(serve(place, 'stop')).catch(() => undefined);
  await shell(terminate(place)).catch(() => undefined);
  for (const folder of ['plans', 'records', 'schemas', 'revisions', 'backups'])
    await rm(join(state, folder), { recursive: true, force: true });
  await mkdir(env['SHOP_HOME'] ?? home, { recursive: true });
  await writeFile(settings, demoSettings(place));
  await writeFile(join(home, SECRET_FILE), `${env['DATABASE_URL']}\n`, { mode: 0o600 });
  await psql(place, 'drop database if exists shop with (force)');
  await psql(place, 'create database shop');
  await python(place, ['-m', 'alembic', 'upgrade', 'head'], join(place.shop, 'releases', 'r1'));
  await python(place, [join(place.shop, 'bin', 'seed.py')], home);
  await checked(shell(serve(place, 'start', 'r1')), `start r1 with ${tools.python}`);
}

/** Stops every copy of the shop. */
export const stopShop = (place: DemoPlace) => shell(serve(place, 'stop'));

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

async function psql({ tools, stack }: DemoPlace, sql: string): Promise<void> {
  const { host, port, user, password } = stack.postgres!;
  const args = [
    '-XqAt',
    '-v',
    'ON_ERROR_STOP=1',
    '-h',
    host,
    '-p',
    String(port),
    '-U',
    user,
    '-d',
    'postgres',
    '-c',
    sql,
  ];
  const { ok, lastWords } = await run(join(tools.pgBin, 'psql'), args, { env: { PGPASSWORD: password } });
  if (!ok) throw demoStepFailed(sql, lastWords);
}

async function checked<T>(work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const words = (error as { lastWords?: () => string }).lastWords?.() ?? (error as Error).message;
    throw demoStepFailed(what, words);
  }
}
