import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recalled } from './recalled.js';

let folder: string;
let made = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-recalled-'));
  made = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ask = (facts: unknown, by = 'build 1'): Promise<{ answer: number }> =>
  recalled(folder, facts, async () => ({ answer: (made += 1) }), by);

const facts = () => ({ sql: 'select 1', tables: new Map([['orders', new Set(['id', 'note'])]]) });

it('answers as before for the same facts', async () => {
  expect([await ask(facts()), await ask(facts())]).toEqual([{ answer: 1 }, { answer: 1 }]);
});

it.each<[string, unknown]>([
  ['a value', { ...facts(), sql: 'select 2' }],
  ['a fact more', { ...facts(), postgres: 18 }],
  ['a key of a map', { ...facts(), tables: new Map([['items', new Set(['id', 'note'])]]) }],
  ['what is in a set in a map', { ...facts(), tables: new Map([['orders', new Set(['id'])]]) }],
  ['an empty map', { ...facts(), tables: new Map() }],
])('asks again when %s is another', async (_what, others) => {
  await ask(facts());
  expect(await ask(others)).toEqual({ answer: 2 });
});

it('asks again when the program is another one', async () => {
  await ask(facts());
  expect(await ask(facts(), 'build 2')).toEqual({ answer: 2 });
});

it('keeps nothing when nobody can tell which program it is', async () => {
  const twice = () => recalled(folder, facts(), async () => (made += 1));
  expect([await twice(), await twice(), await readdir(folder)]).toEqual([1, 2, []]);
});

it.each<[string, (path: string) => Promise<void>]>([
  ['cut off', (path) => truncate(path, 70)],
  ['empty', (path) => truncate(path, 0)],
  [
    'damaged',
    async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('"answer":1', '"answer":7')),
  ],
])('asks again when what it kept is %s', async (_what, damage) => {
  await ask(facts());
  const [name] = await readdir(folder);
  await damage(join(folder, name!));
  expect([await ask(facts()), await ask(facts())]).toEqual([{ answer: 2 }, { answer: 2 }]);
});

it('does not keep what failed', async () => {
  const failing = recalled(folder, facts(), () => Promise.reject(new Error('no')), 'build 1');
  await expect(failing).rejects.toThrow('no');
  expect(await ask(facts())).toEqual({ answer: 1 });
});

it('forgets what nobody has asked for the longest', async () => {
  for (let each = 0; each < 25; each += 1) await ask(each);
  expect(await readdir(folder)).toHaveLength(20);
});
