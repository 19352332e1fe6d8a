import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shell, ToolFailed, type ShellOptions } from '../adapters/shell.js';
import { foreignVenv, packagesNotInstalled, packagesOutOfReach } from '../domain/problems/stack.js';
import { withLock } from '../adapters/lock.js';
import { end, identify, listed } from './process.js';
import { findPython, pythonVersion } from './python.js';
import { lastLines } from '../adapters/run.js';

/** A file of requirements/: the servers, what the shop runs on, what only our tests need. */
export type Group = 'stack' | 'shop' | 'test';

export interface ProvisionOptions {
  groups: readonly Group[];
  onProgress?: (text: string) => void;
  /** Ends pip when aborted. */
  signal?: AbortSignal;
}

/** What a finished environment says of itself. */
interface Stamp {
  /** An environment that was moved is broken: its scripts name their interpreter by its path. */
  folder: string;
  python: string;
  /** Hashes of the requirement files that are installed. */
  groups: Partial<Record<Group, string>>;
}

const requirements = (group: Group): string =>
  fileURLToPath(new URL(`../../requirements/${group}.txt`, import.meta.url));
const stampOf = (folder: string) => join(folder, 'lockkeeper.json');
/** There while an environment is being made: what a crash leaves is thrown away, never used. */
const unfinishedOf = (folder: string) => join(folder, 'lockkeeper-unfinished');
const pythonOf = (folder: string) => join(folder, 'bin', 'python');

/**
 * Makes the Python environment, or brings it up to date. Does nothing, in a moment, when it is.
 *
 * @returns whether anything was done
 * @throws Problem `no-python`, `python-without-venv`, `foreign-venv`, `packages-out-of-reach`, `packages-not-installed`
 */
export async function provision(folder: string, options: ProvisionOptions): Promise<boolean> {
  const hashes = await hashesOf(options.groups);
  if (await isCurrent(folder, hashes)) return false;
  await mkdir(dirname(folder), { recursive: true });
  const onWait = (pid: number) => options.onProgress?.(`waiting for process ${pid}, which is installing too`);
  return withLock(
    `${folder}.lock`,
    async () => {
      if (await isCurrent(folder, hashes)) return false;
      await make(folder, options);
      return true;
    },
    { onWait },
  );
}

async function hashesOf(groups: readonly Group[]): Promise<Stamp['groups']> {
  const texts = await Promise.all(groups.map((group) => readFile(requirements(group), 'utf8')));
  return Object.fromEntries(
    groups.map((group, i) => [group, createHash('sha256').update(texts[i]!).digest('hex')]),
  );
}

async function isCurrent(folder: string, hashes: Stamp['groups']): Promise<boolean> {
  const stamp = await sound(folder);
  return Object.entries(hashes).every(([group, hash]) => stamp?.groups[group as Group] === hash);
}

/** The stamp of a finished environment whose Python still runs. */
async function sound(folder: string): Promise<Stamp | undefined> {
  if (existsSync(unfinishedOf(folder))) return undefined;
  const text = await readFile(stampOf(folder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const stamp = JSON.parse(text) as Stamp;
  const isSame = stamp.folder === folder && stamp.python === (await pythonVersion(pythonOf(folder)));
  return isSame ? stamp : undefined;
}

async function make(folder: string, options: ProvisionOptions): Promise<void> {
  await endOrphans(folder);
  const stamp = await sound(folder);
  if (!stamp) await startAnew(folder, options);
  await writeFile(unfinishedOf(folder), '');
  const groups = [...new Set([...(Object.keys(stamp?.groups ?? {}) as Group[]), ...options.groups])];
  await install(folder, groups, options);
  const python = (await pythonVersion(pythonOf(folder))) ?? '';
  const made: Stamp = { folder, python, groups: await hashesOf(groups) };
  await writeFile(`${stampOf(folder)}.new`, JSON.stringify(made, null, 2));
  await rename(`${stampOf(folder)}.new`, stampOf(folder));
  await rm(unfinishedOf(folder));
}

/** An installation whose starter was killed goes on by itself, and would write among what we write. */
async function endOrphans(folder: string): Promise<void> {
  const orphans = (await listed()).filter(
    ({ command }) =>
      command.includes(`-m venv ${folder}`) ||
      (command.startsWith(`${folder}/bin/python`) && / -m (pip|ensurepip) /.test(command)),
  );
  const known = await Promise.all(orphans.map(({ pid }) => identify(pid)));
  await end(
    known.filter((process) => process !== undefined),
    [],
  );
}

async function startAnew(folder: string, options: ProvisionOptions): Promise<void> {
  const found = await readdir(folder).catch(() => []);
  const isOurs = existsSync(stampOf(folder)) || existsSync(unfinishedOf(folder));
  if (found.length > 0 && !isOurs) throw foreignVenv(folder);
  const python = await findPython();
  options.onProgress?.(`making a Python environment in ${folder} with ${python}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(unfinishedOf(folder), '');
  await tool(folder, python, ['-m', 'venv', folder], shellOptions(options));
}

const shellOptions = ({ signal }: ProvisionOptions): ShellOptions => (signal ? { signal } : {});

async function install(folder: string, groups: readonly Group[], options: ProvisionOptions): Promise<void> {
  const files = groups.flatMap((group) => ['--requirement', requirements(group)]);
  const args = ['-m', 'pip', 'install', '--no-input', '--only-binary=:all:', '--retries=2', ...files];
  const onLine = (line: string) => {
    const news = progressOf(line);
    if (news) options.onProgress?.(news);
  };
  await tool(folder, pythonOf(folder), [...args, '--progress-bar=off'], { ...shellOptions(options), onLine });
}

/** The lines of pip that a person who waits wants to see, in short. */
function progressOf(line: string): string | undefined {
  const fetched = /^\s*Downloading (\S+?)-([\d.]+)\S* \((.+)\)/.exec(line);
  if (fetched) return `fetching ${fetched[1]} ${fetched[2]} (${fetched[3]})`;
  const installed = /^Installing collected packages: (.*)/.exec(line);
  return installed ? `installing ${installed[1]!.split(',').length} packages` : undefined;
}

/** What would make the user's settings pip install elsewhere, or Python import from elsewhere. */
const OWN_ENVIRONMENT = {
  PIP_USER: '0',
  PIP_REQUIRE_VIRTUALENV: '0',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PYTHONPATH: '',
  PYTHONHOME: '',
  PYTHONNOUSERSITE: '1',
};

const OUT_OF_REACH =
  /NewConnectionError|NameResolutionError|Name or service not known|Temporary failure in name|Network is unreachable|Connection (refused|reset)|[Tt]imed out|ProxyError|SSLError|HTTP error 5/;

async function tool(folder: string, file: string, args: string[], options: ShellOptions): Promise<void> {
  try {
    await shell({ file, args, env: OWN_ENVIRONMENT }, options);
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    const reason = error.stderr.split('\n').find((line) => OUT_OF_REACH.test(line));
    if (reason) throw packagesOutOfReach(reason.trim());
    throw packagesNotInstalled(folder, lastLines(error.stderr || error.stdout, 3) || error.message);
  }
}
