import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nginxConfiguration, siteSwitch } from '../../../src/doctor/site.js';
import { quietly, Site, underLoad } from './site.js';

let site: Site;
beforeAll(async () => {
  site = await Site.open({ bypass: 'operators-only' });
  await writeFile(join(site.folder, 'secret'), 'operators-only\n');
});
afterAll(() => site.close());

const target = async (closure: Record<string, unknown> = {}) =>
  (await site.project('postgresql:///none', closure)).target();
const tried = async (closure: Record<string, unknown> = {}) => siteSwitch(await target(closure), quietly());

describe('the doctor', () => {
  it('proves on an open site that its flag would close it, and that operators would pass', async () => {
    let found = {};
    const answered = await underLoad(site, async () => {
      found = await tried({ bypass: 'file:secret' });
    });
    expect(found).toEqual({ state: 'ok', says: expect.stringMatching(/would be closed within \d+ ms/) });
    expect(new Set(answered.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await readdir(dirname(site.flag))).toEqual([]);
  });

  it('says which secret nginx does not know', async () => {
    await writeFile(join(site.folder, 'other'), 'changed since\n');
    expect(await tried({ bypass: 'file:other' })).toMatchObject({
      state: 'fault',
      says: expect.stringMatching(/^closure.bypass does not let operators pass as x-lockkeeper-bypass/),
    });
  });

  it('says that nginx looks elsewhere, or cannot enter the folder', async () => {
    const folder = join(site.folder, 'shut');
    await mkdir(folder, { mode: 0o750 });
    await chmod(folder, 0o750);
    const found = await tried({ flag: join(folder, 'closed') });
    expect(found).toMatchObject({ state: 'fault', says: expect.stringContaining('nginx does not close') });
    expect(found.next).toContainEqual(
      `nginx cannot enter ${folder}: chmod o+x ${folder}, or put the flag somewhere else`,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('says that a folder cannot be written to', async () => {
    await expect(tried({ flag: '/sys/nowhere/flag' })).rejects.toMatchObject({ code: 'flag-not-writable' });
  });

  it('says that nginx remembers files, by an open_file_cache of the user', async () => {
    const snippet = site
      .snippet()
      .replace('open_file_cache off;', 'open_file_cache max=100; open_file_cache_valid 30s;');
    site.workers = 1; // with two, all answers may come of the one that never saw the flag
    await site.serve(snippet);
    expect(await tried()).toEqual({
      state: 'fault',
      says: expect.stringContaining('is gone, and nginx closes still'),
      next: [expect.stringContaining('open_file_cache')],
    });
  }, 30_000);

  it('says that nginx lacks our lines, or does not run', async () => {
    site.workers = 2;
    await site.serve('');
    expect(await tried()).toMatchObject({
      state: 'fault',
      next: [expect.stringContaining('lockkeeper init --nginx shop'), expect.anything()],
    });
    await site.stop();
    expect(await tried()).toMatchObject({
      state: 'fault',
      says: expect.stringContaining('nothing listens there'),
    });
    await site.serve(site.snippet());
  }, 30_000);

  it('tests the configuration of nginx, in its own words', async () => {
    const nginx = async () => nginxConfiguration(await target({ nginx: site.command }), quietly());
    expect(await nginx()).toMatchObject({ state: 'ok' });
    const conf = join(site.folder, 'nginx.conf');
    const sound = await readFile(conf, 'utf8');
    await writeFile(conf, 'retrun 1;');
    const found = await nginx();
    await writeFile(conf, sound);
    expect(found).toMatchObject({
      state: 'fault',
      says: expect.stringContaining('unknown directive "retrun"'),
    });
  });
});
