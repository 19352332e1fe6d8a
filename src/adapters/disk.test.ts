import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeBytes, writeAtomically } from './disk.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-disk-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('writes a private file in folders that it makes, over what was there, and leaves nothing beside it', async () => {
  const path = join(folder, 'a', 'b.json');
  await writeAtomically(path, 'one');
  await writeAtomically(path, 'two');
  expect(await readFile(path, 'utf8')).toBe('two');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, 'a'))).toEqual(['b.json']);
});

it('when the name cannot be given, what was there stays and nothing is left beside it', async () => {
  await writeAtomically(join(folder, 'taken', 'x'), 'one');
  await expect(writeAtomically(join(folder, 'taken'), 'two')).rejects.toThrow(/EISDIR|ENOTEMPTY/);
  expect(await readdir(folder)).toEqual(['taken']);
});

it('tells how many bytes an ordinary user may write', async () => {
  expect(await freeBytes(folder)).toBeGreaterThan(2 ** 20);
});
