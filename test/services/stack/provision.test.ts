import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { venvFolder } from '../../../src/stack/place.js';
import { provision } from '../../../src/stack/provision.js';
import { findPython } from '../../../src/stack/python.js';
import { tools } from '../../../src/stack/tools.js';
import { testVenv } from '../../support/servers.js';

let folder: string;
const environment = { ...process.env };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-venv-'));
});
afterEach(async () => {
  process.env = { ...environment };
  await rm(folder, { recursive: true });
});

/** A program of this name, alone in the PATH. */
async function onlyProgram(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
  await chmod(join(folder, name), 0o755);
  process.env.PATH = folder;
}

it('says how to get a Python when there is none', async () => {
  process.env.PATH = folder;
  await expect(provision(join(folder, 'venv'), { groups: ['stack'] })).rejects.toMatchObject({
    code: 'no-python',
    told: { next: [expect.stringContaining('apt-get install python3 python3-venv'), expect.anything()] },
  });
});

it('does not take a Python that is too old', async () => {
  await onlyProgram('python3', 'echo 3.9.18');
  await expect(findPython()).rejects.toMatchObject({ code: 'no-python' });
});

it('names the package that Debian keeps venv in', async () => {
  await onlyProgram(
    'python3',
    `echo 3.12.1; echo "ModuleNotFoundError: No module named 'ensurepip'" >&2; exit 1`,
  );
  await expect(findPython()).rejects.toMatchObject({
    code: 'python-without-venv',
    told: {
      why: expect.stringContaining('ensurepip'),
      next: [expect.stringContaining('python3-venv'), expect.anything()],
    },
  });
});

it('leaves alone what it did not make', async () => {
  const [own, file] = [join(folder, 'mine'), join(folder, 'mine', 'pyvenv.cfg')];
  await mkdir(own);
  await writeFile(file, '');
  await expect(provision(own, { groups: ['stack'] })).rejects.toMatchObject({ code: 'foreign-venv' });
  expect(existsSync(file)).toBe(true);
});

it('says what to do without a network, leaves nothing that looks finished, and can be tried again', async () => {
  const venv = join(folder, 'venv');
  Object.assign(process.env, { PIP_INDEX_URL: 'http://127.0.0.1:1/simple', PIP_NO_CACHE_DIR: '1' });
  const heard: string[] = [];
  const attempt = () => provision(venv, { groups: ['stack'], onProgress: (text) => heard.push(text) });
  await expect(attempt()).rejects.toMatchObject({
    code: 'packages-out-of-reach',
    told: {
      why: expect.stringContaining('Connection refused'),
      next: [expect.stringContaining('PIP_INDEX_URL'), expect.anything()],
    },
  });
  expect(heard[0]).toMatch(/^making a Python environment in .* with python3/);
  expect(() => tools(venv)).toThrow(expect.objectContaining({ code: 'stack-not-installed' }));
  process.env.PATH = folder;
  await expect(attempt()).rejects.toMatchObject({ code: 'no-python' });
});

it('does nothing when all is there', async () => {
  const venv = await testVenv();
  const heard: string[] = [];
  expect(await provision(venv, { groups: ['stack', 'shop'], onProgress: (text) => heard.push(text) })).toBe(
    false,
  );
  expect(heard).toEqual([]);
});

it("is never the user's own .venv, and goes where LOCKKEEPER_VENV says", () => {
  delete process.env.LOCKKEEPER_VENV;
  expect(venvFolder('/app')).toBe('/app/.lockkeeper/.venv');
  process.env.LOCKKEEPER_VENV = '/opt/venv';
  expect(venvFolder('/app')).toBe('/opt/venv');
});
