/** The sample shop on servers of its own, for benchmarks of whole deploys. */
import { execFile } from 'node:child_process';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const root = fileURLToPath(new URL('..', import.meta.url));
export const cli = join(root, 'dist', 'cli.js');
export const ROUNDS = Number(process.env.ROUNDS ?? 5);
export const say = (text) => console.log(text);

export const dist = (path) => import(join(root, 'dist', path));
const { up } = await dist('stack/up.js');
const { down } = await dist('stack/down.js');
const { tools } = await dist('stack/tools.js');
export const { freePort } = await dist('adapters/ports.js');
const { startWorker, stopWorker } = await dist('stack/worker-daemon.js');
const { clientEnvironment } = await dist('stack/environment.js');
const { placeOfDemo } = await dist('demo/place.js');
const { prepare, stopShop } = await dist('demo/steps.js');
const { searchAttributes } = await dist('domain/search-attributes.js');

/**
 * Runs with a stack of its own, and takes it away again.
 *
 * @param act - gets `{ home, place, stack, env, begin, stopWorker }`; `begin()` puts all back to its beginning: r1
 *   runs, on its schema, and a worker listens
 */
export async function withShop(act) {
  const venv = join(root, '.lockkeeper', '.venv');
  const work = join(tmpdir(), `lockkeeper-bench-${process.pid}`);
  await mkdir(work, { recursive: true });
  process.chdir(work);
  const home = join(work, '.lockkeeper', 'demo');
  await mkdir(join(home, '.lockkeeper'), { recursive: true });
  await symlink(venv, join(home, '.lockkeeper', '.venv'));
  const stack = await up({ home, venv, searchAttributes });
  const place = placeOfDemo(stack, tools(venv), await freePort());
  const env = { ...process.env, ...clientEnvironment(stack), ...place.env };
  const begin = async () => {
    await startAgain(place, stack);
    await startWorker({ home, cli, env: { ...clientEnvironment(stack), ...place.env } });
  };
  try {
    return await act({ home, place, stack, env, begin, stopWorker: () => stopWorker(home) });
  } finally {
    await stopShop(place).catch(() => undefined);
    await stopWorker(home);
    await down({ home });
    process.chdir(root);
    await rm(work, { recursive: true, force: true });
  }
}

/** `prepare` makes the database: the one of the round before goes. */
async function startAgain(place, stack) {
  const drop = 'drop database if exists shop with (force)';
  await run(psqlFile(place), [...psqlArgs(stack), '-d', 'postgres', '-c', drop], psqlEnv(stack));
  await prepare(place);
}

const psqlFile = ({ tools: { pgBin } }) => join(pgBin, 'psql');
const psqlArgs = ({ postgres: { host, port, user } }) => [
  ...['-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', host, '-p', String(port), '-U', user],
];
const psqlEnv = ({ postgres: { password } }) => ({ env: { ...process.env, PGPASSWORD: password } });

/** What a script sets to call PostgreSQL's tools. */
export const pgShell = ({ tools: { pgBin } }, { postgres: { host, port, user, password } }) =>
  `export PATH=${pgBin}:$PATH PGHOST=${host} PGPORT=${port} PGUSER=${user} PGPASSWORD='${password}'`;

export async function seconds(act) {
  const began = performance.now();
  await act();
  return (performance.now() - began) / 1000;
}
