import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../../../src/adapters/lock.js';
import { shell } from '../../../src/adapters/shell.js';
import { tools } from '../../../src/stack/tools.js';
import { projectPython, testVenv } from '../servers.js';
import { temporaryFolder } from '../temporary.js';
import { root, testHome } from '../test-stack.js';
import { dockerEngine } from './engine.js';

/** What the example's image is made from: pip, and what its requirements.txt names. */
const PACKAGES = ['pip', 'alembic', 'SQLAlchemy', 'greenlet', 'asyncpg', 'fastapi', 'uvicorn'];
const script = join(root, 'test', 'support', 'docker', 'base-image.py');
const example = join(root, 'examples', 'compose');

/**
 * An image as `python:slim` and `nginx` would be, from this machine's own files, because tests ask no registry. Made
 * once; another one when what it is made of has changed.
 *
 * @returns its tag
 */
export async function baseImage(): Promise<string> {
  const { docker, env } = await dockerEngine();
  const { nginx } = tools(await testVenv());
  return withLock(`${testHome}.docker-base.lock`, async () => {
    const tag = `lockkeeper-test/base:${hashOf(script, ...requirements())}`;
    if (await isThere(tag)) return tag;
    const set = ['ENV PYTHONUNBUFFERED=1', 'ENV PYTHONDONTWRITEBYTECODE=1', 'WORKDIR /app'];
    const path = 'ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/bin';
    const changes = [path, ...set].map((line) => `--change '${line}'`).join(' ');
    const text = `"$@" | docker import ${changes} - ${tag}`;
    const args = ['-o', 'pipefail', '-c', text, 'bash', projectPython, script, nginx, ...PACKAGES];
    await shell({ file: 'bash', args, env });
    await docker('run', '--rm', '--network', 'none', tag, 'python', '-c', 'import asyncpg, fastapi, ssl');
    return tag;
  });
}

/**
 * The example's image of one of the shop's releases, built by its own Dockerfile.
 *
 * @param release - such as r2
 * @returns its tag, which is the same as long as its sources are
 */
export async function shopImage(release: string): Promise<string> {
  const base = await baseImage();
  const { docker } = await dockerEngine();
  const folder = join(root, 'examples', 'shop', 'releases', release);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const own = [join(example, 'Dockerfile'), join(example, 'requirements.txt')];
  const tag = `lockkeeper-test/shop:${release}-${hashOf(...own, ...files)}-${base.split(':')[1]}`;
  return withLock(`${testHome}.docker-${release}.lock`, async () => {
    if (await isThere(tag)) return tag;
    const from = ['--build-arg', `BASE=${base}`, '--build-arg', `RELEASE=${release}`];
    const args = ['--quiet', '--network', 'none', ...from, '--file', join(example, 'Dockerfile')];
    await docker('build', ...args, '--tag', tag, join(root, 'examples'));
    return tag;
  });
}

/**
 * An image that is another one, so that a test may take it away, or break it.
 *
 * @param files - what stands in its folder `/app` in place of what it had
 * @returns its id; it has no name
 */
export async function imageLike(
  image: string,
  files: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, string>> = { 'lockkeeper.test': randomUUID() },
): Promise<string> {
  const { docker } = await dockerEngine();
  const container = await docker('create', '--network', 'none', image, 'true');
  const folder = temporaryFolder('image');
  for (const [index, [path, text]] of Object.entries(files).entries()) {
    await writeFile(join(folder, String(index)), text);
    await docker('cp', join(folder, String(index)), `${container}:/app/${path}`);
  }
  const labels = Object.entries(more).flatMap(([key, value]) => ['--change', `LABEL ${key}=${value}`]);
  const id = await docker('commit', ...labels, container);
  await docker('rm', container);
  return id;
}

async function isThere(tag: string): Promise<boolean> {
  const { docker } = await dockerEngine();
  return docker('image', 'inspect', '--format', '{{.Id}}', tag).then(
    () => true,
    () => false,
  );
}

const requirements = () =>
  readdirSync(join(root, 'requirements')).map((name) => join(root, 'requirements', name));

function hashOf(...files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}
