import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyTree, treeOf } from './copy-tree.js';
import type { ScratchFolder } from './folder.js';
import { fromTemplate, sweepTemplates, type TemplateNote, templatesOf } from './template.js';

const { signal } = new AbortController();
const DAY_MS = 86_400_000;
let state: string;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'lockkeeper-template-'));
  await writeFile(join(state, 'run-1.json'), '{}');
});
afterEach(() => rm(state, { recursive: true, force: true }));

/** A template as a rehearsal keeps it, of a data folder of two files. */
async function kept(id = 'one', changes: Partial<TemplateNote> = {}): Promise<string> {
  const folder = join(state, 'templates', 'shop', id);
  const data = join(state, 'was');
  await mkdir(join(data, 'base', '5'), { recursive: true });
  await writeFile(join(data, 'PG_VERSION'), '18\n');
  await writeFile(join(data, 'base', '5', '1259'), Buffer.alloc(100_000, 7));
  const tree = await treeOf(data, () => true);
  const files = await copyTree(data, join(folder, 'data'), tree, {
    ...{ as: undefined, signal, onBytes: () => {} },
  });
  const note: TemplateNote = {
    ...{
      formatVersion: 1,
      key: 'k',
      password: 'p',
      at: new Date().toISOString(),
      folders: tree.folders,
      files,
    },
    backup: { id: 'run-1', manifest: join(state, 'run-1.json') },
    restored: { ms: 1, bytes: 2, notes: [] },
    ...changes,
  };
  await writeFile(join(folder, 'note.json'), JSON.stringify(note));
  return folder;
}

async function filled(): Promise<{ whole: boolean; told: string[]; data: string }> {
  const [template] = await templatesOf(state, 'shop');
  const told: string[] = [];
  const data = join(state, 'data');
  const onDamage = (why: string) => void told.push(why);
  const from = fromTemplate(template!, { as: undefined } as ScratchFolder, signal, {
    ...{ onProgress: () => {}, onDamage },
  });
  return { whole: await from.fill(data), told, data };
}

it('a server begins with what was kept, and what was kept stays', async () => {
  const folder = await kept();
  const { whole, told, data } = await filled();
  expect([whole, told]).toEqual([true, []]);
  expect(await readFile(join(data, 'base', '5', '1259'))).toEqual(Buffer.alloc(100_000, 7));
  expect((await stat(join(data, 'base'))).mode & 0o777).toBe(0o700);
  expect((await stat(folder)).isDirectory()).toBe(true);
});

const file = (folder: string): string => join(folder, 'data', 'base', '5', '1259');
it.each<[string, (folder: string) => Promise<unknown>]>([
  ['a bit is another', (folder) => writeFile(file(folder), Buffer.alloc(100_000, 7).fill(6, 50_000, 50_001))],
  ['the end is missing', (folder) => truncate(file(folder), 99_999)],
  ['a file is missing', (folder) => rm(file(folder))],
])('nothing of it is believed, and it is deleted, when %s', async (_, damage) => {
  const folder = await kept();
  await damage(folder);
  const { whole, told } = await filled();
  expect(whole).toBe(false);
  expect(told.join()).toContain('1259');
  expect(await templatesOf(state, 'shop')).toEqual([]);
  await expect(stat(folder)).rejects.toThrow();
});

it('what is old, of a backup that is gone, or was never finished is swept; all are when none is wanted', async () => {
  const young = await kept('young');
  await kept('old', { at: new Date(Date.now() - 3 * DAY_MS).toISOString() });
  await kept('gone', { backup: { id: 'run-0', manifest: join(state, 'run-0.json') } });
  await mkdir(join(state, 'templates', 'shop', 'unfinished', 'data'), { recursive: true });
  expect((await sweepTemplates(state, 'shop', 2)).sort()).toEqual(['run-0', 'run-1']);
  expect((await templatesOf(state, 'shop')).map(({ folder }) => folder)).toEqual([young]);
  await expect(stat(join(state, 'templates', 'shop', 'unfinished'))).rejects.toThrow();
  expect(await sweepTemplates(state, 'shop', undefined)).toEqual(['run-1']);
  expect(await templatesOf(state, 'shop')).toEqual([]);
});
