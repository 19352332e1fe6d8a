/**
 * node scripts/setup.mjs [--venv stack,shop,test]
 *
 * Makes a bare clone ready: Node packages, dist/, and with --venv the Python environment with the servers.
 * Does only what is not done yet. Needs nothing but Node: it runs before there are packages.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { tell, Told } from './told.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const began = performance.now();
const say = (text) =>
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);

/** @param groups - of requirements/, to be in the Python environment; none: no Python is looked for */
export async function setUp(groups = []) {
  checkNode();
  await installPackages();
  if (await build({ say })) say('dist/ is built');
  await installVenv(groups);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Told(
    `Node ${process.versions.node} is too old: Lockkeeper needs 20.19 or newer\n` +
      '  next   1. install it from https://nodejs.org, or: nvm install\n         2. start the same command again',
  );
}

async function installPackages() {
  const lock = await readFile(join(root, 'package-lock.json'), 'utf8');
  const stampFile = join(root, 'node_modules', '.lockkeeper-setup');
  const hash = createHash('sha256').update(lock).digest('hex');
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === hash) return;
  if (!(await isInstalled(JSON.parse(lock)))) {
    say('installing the Node packages (npm ci)');
    await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    say('the Node packages are installed');
  }
  await writeFile(stampFile, hash);
}

/** Whether npm noted at its end that all of the lock is there: somebody may have called it by hand. */
async function isInstalled(lock) {
  const noted = await readFile(join(root, 'node_modules', '.package-lock.json'), 'utf8').catch(
    () => undefined,
  );
  if (noted === undefined) return false;
  const there = JSON.parse(noted).packages;
  const wanted = Object.entries(lock.packages).filter(([path]) => path !== '');
  return wanted.every(([path, { version, optional }]) =>
    there[path] ? there[path].version === version : optional,
  );
}

const npm = (args) =>
  new Promise((resolve, reject) => {
    const tool = spawn('npm', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    tool.once('error', (error) => reject(new Told(`npm could not be started: ${error.message}`)));
    tool.once('close', (code) => {
      if (code === 0) return resolve();
      reject(
        new Told(
          `npm ${args[0]} ended with exit code ${code}: its reason is above\n` +
            '  next   1. correct it (no network? npm config set registry <a mirror that this machine reaches>)\n' +
            '         2. start the same command again',
        ),
      );
    });
  });

/** @param groups - as of `setUp`, which has built dist/ */
export async function installVenv(groups) {
  if (groups.length === 0) return;
  const stack = (file) => import(pathToFileURL(join(root, 'dist', 'stack', file)).href);
  const [{ provision }, { venvFolder }] = await Promise.all([stack('provision.js'), stack('place.js')]);
  const interrupt = new globalThis.AbortController();
  const stop = () => interrupt.abort(new Told('interrupted: start the same command again to go on'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const { signal } = interrupt;
  const isNew = await provision(venvFolder(root), { groups, onProgress: say, signal });
  process.off('SIGINT', stop).off('SIGTERM', stop);
  if (isNew) say('the Python environment is ready');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const at = process.argv.indexOf('--venv');
  const groups = at === -1 ? [] : (process.argv[at + 1] ?? '').split(',').filter(Boolean);
  try {
    await setUp(groups);
  } catch (error) {
    console.error(tell(error));
    process.exitCode = 1;
  }
}
