import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeBytes, sweepParts, writeAtomically } from './disk.js';

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

it('sweeps what a process has left that was killed while it wrote, and nothing else', async () => {
  const old = new Date(Date.now() - 60_000);
  const make = async (name: string, at = old) => {
    await writeFile(join(folder, name), '');
    await utimes(join(folder, name), at, at);
  };
  const gone = 2 ** 22 + 1; // Linux gives no process so high a number
  await make(`a.json.${gone}-0123abcd.part`);
  await make(`young.json.${gone}-0123abcd.part`, new Date());
  await make(`mine.json.${process.pid}-0123abcd.part`);
  await make('of a person.part');
  await sweepParts([folder, join(folder, 'not there')]);
  expect((await readdir(folder)).sort()).toEqual([
    `mine.json.${process.pid}-0123abcd.part`,
    'of a person.part',
    `young.json.${gone}-0123abcd.part`,
  ]);
});
