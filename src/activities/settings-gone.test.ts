import { rm, writeFile } from 'node:fs/promises';
import { jest } from '@jest/globals';
import { quietWork, SettingsHome } from '../../test/support/settings-home.js';
import { onceReadable } from './settings-gone.js';

let settings: SettingsHome;
beforeEach(async () => {
  settings = await SettingsHome.make();
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await settings.remove();
});

const read = () => Promise.resolve().then(() => settings.home.target('shop').name);

it.each([
  ['is gone', () => rm(settings.file), 'there is no '],
  ['is broken', () => writeFile(settings.file, 'version: 1\ntargets: [\n'), 'has 1 fault'],
  [
    'has lost the target',
    () => writeFile(settings.file, 'version: 1\ntargets: {blog: {database: {url: "${U}"}}}\n'),
    'no target shop',
  ],
])(
  'a step waits while the settings file %s, says so, and goes on when it is put right',
  async (_, spoil, says) => {
    await spoil();
    const said: string[] = [];
    const progress = (text: string) => void (said.push(text) === 1 && void settings.write({}));
    expect(await onceReadable({ ...quietWork(), progress }, read)).toBe('shop');
    expect(said[0]).toContain('waits until the settings can be read: ');
    expect(said[0]).toContain(says);
  },
  20_000,
);

it('the wait ends when the run is cancelled', async () => {
  await rm(settings.file);
  const stop = new AbortController();
  const waiting = onceReadable({ signal: stop.signal, progress: () => stop.abort() }, read);
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});

it('what else goes wrong is not waited for', async () => {
  const failing = onceReadable(quietWork(), async () => settings.home.target('shop').url());
  await expect(failing).rejects.toMatchObject({ code: 'missing-secret' });
});
