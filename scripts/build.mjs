/** Builds dist/: the compiled sources, the files beside them, and the bundle that workflows run from. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { joinModules } from './join-modules.mjs';
import { tell, Told } from './told.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [src, dist] = [join(root, 'src'), join(root, 'dist')];
const STAMP = '.built-from';

/**
 * Does nothing when dist/ was built from what is there now. Builds beside it and swaps: whoever starts
 * something from dist/ meanwhile, or after a crash, finds all of it or none.
 *
 * @returns whether it built
 */
export async function build({ say = () => {} } = {}) {
  const hash = await hashOfSources();
  const built = await readFile(join(dist, STAMP), 'utf8').catch(() => '');
  if (built === hash) return false;
  const made = join(root, '.lockkeeper', `build-${process.pid}`);
  await rm(made, { recursive: true, force: true });
  try {
    say('compiling src/');
    await tsc(made);
    await copyOtherFiles(made);
    say('joining modules');
    await joinModules(made);
    await makeExecutable(join(made, 'cli.js'));
    if (existsSync(join(made, 'workflows', 'index.js'))) {
      say('bundling the workflows');
      await bundle(made);
    }
    await writeFile(join(made, STAMP), hash);
    await swap(made);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return true;
}

async function hashOfSources() {
  const files = [
    'package-lock.json',
    'tsconfig.json',
    'scripts/build.mjs',
    'scripts/join-modules.mjs',
    ...(await filesIn(src)),
  ].sort();
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(`\0${file}\0`).update(await readFile(join(root, file)));
  return hash.digest('hex');
}

async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => !file.includes('__pycache__'));
}

async function tsc(made) {
  const code = await exitOf(process.execPath, [
    join(root, 'node_modules', 'typescript-7', 'bin', 'tsc'),
    ...['-p', join(root, 'tsconfig.json'), '--outDir', made, '--declaration', '--pretty', 'false'],
  ]);
  if (code !== 0) throw new Told('src/ does not compile: see above');
}

/** What lies beside the sources and is read at run time, the bridge to Alembic above all. */
async function copyOtherFiles(made) {
  for (const file of (await filesIn(src)).filter((file) => !file.endsWith('.ts'))) {
    const copy = join(made, relative('src', file));
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(join(root, file), copy);
  }
}

const SHEBANG = '#!/usr/bin/env node\n';

async function makeExecutable(cli) {
  if (!existsSync(cli)) return;
  const text = await readFile(cli, 'utf8');
  if (!text.startsWith('#!')) await writeFile(cli, SHEBANG + text);
  await chmod(cli, 0o755);
}

async function bundle(made) {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(made, 'workflows', 'index.js'),
    logger: new DefaultLogger('WARN'),
  });
  // Traces are to name the files as they will lie, not as they lie now.
  const settled = (text) => text.replaceAll(relative(root, made), relative(root, dist));
  const withMap = settled(code).replace(
    /(?<=sourceMappingURL=data:application\/json;[^,]*,)[\w+/=]+/,
    (map) => Buffer.from(settled(Buffer.from(map, 'base64').toString())).toString('base64'),
  );
  await writeFile(join(made, 'workflow-bundle.js'), withMap);
}

async function swap(made) {
  const old = join(root, '.lockkeeper', `old-${process.pid}`);
  if (existsSync(dist)) await rename(dist, old);
  await rename(made, dist);
  await rm(old, { recursive: true, force: true });
}

const exitOf = (file, args) =>
  new Promise((resolve, reject) => {
    const tool = spawn(file, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    tool.once('error', reject);
    tool.once('close', resolve);
  });

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const done = await build({ say: (text) => console.log(text) });
    console.log(done ? 'dist/ is built' : 'dist/ is up to date');
  } catch (error) {
    console.error(tell(error));
    process.exitCode = 1;
  }
}
