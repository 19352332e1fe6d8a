import { existsSync } from 'node:fs';
import { chown, cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { down } from '../../../src/stack/down.js';
import { up } from '../../../src/stack/up.js';
import { testVenv } from '../../support/servers.js';

/** Only root has this trouble, and only root can try it. */
const asRoot = process.getuid?.() === 0 ? it : it.skip;

let home: string;
let venv: string;
beforeAll(async () => {
  venv = await testVenv();
  // mkdtemp makes folders that nobody but their owner can enter: like /root.
  home = await mkdtemp(join(tmpdir(), 'lockkeeper-root-'));
});
afterAll(async () => {
  await down({ home, erase: true });
  await rm(home, { recursive: true });
});

asRoot('runs PostgreSQL as another user, in a folder that this one can enter', async () => {
  const { postgres } = await up({ home, venv, servers: ['postgres'] });
  const status = await readFile(`/proc/${postgres!.process!.pid}/status`, 'utf8');
  expect(status).not.toMatch(/^Uid:\s+0\b/m);
  expect(postgres!.folder.startsWith(home)).toBe(false);
  expect((await stat(postgres!.folder)).uid).not.toBe(0);

  await down({ home });
  const again = await up({ home, venv, servers: ['postgres'] });
  expect(again.postgres).toMatchObject({ folder: postgres!.folder, password: postgres!.password });
});

asRoot('copies the programs too when only root can enter their folder', async () => {
  const [closed, secret] = [join(home, 'venv'), join(home, 'second')];
  await cp(venv, closed, { recursive: true, verbatimSymlinks: true });
  await cp(join(home, '.lockkeeper'), join(secret, '.lockkeeper'), { recursive: true });
  // A copied folder is not the original: neither its servers nor its data are taken for our own.
  const { postgres } = await up({ home: secret, venv: closed, servers: ['postgres'] });
  const original = await up({ home, venv, servers: ['postgres'] });
  expect(postgres!.process).not.toEqual(original.postgres!.process);
  expect(postgres!.folder).not.toBe(original.postgres!.folder);
  expect(existsSync(join(postgres!.folder, 'programs-18.6'))).toBe(true);

  await down({ home: secret, erase: true });
  expect(existsSync(postgres!.folder)).toBe(false);
  expect((await up({ home, venv, servers: ['postgres'] })).postgres!.process).toEqual(
    original.postgres!.process,
  );
});

asRoot("does not put its own files among another user's", async () => {
  const theirs = join(home, 'theirs');
  await mkdir(join(theirs, '.lockkeeper'), { recursive: true });
  await chown(join(theirs, '.lockkeeper'), 65534, 65534);
  await expect(up({ home: theirs, venv, servers: ['nginx'] })).rejects.toMatchObject({
    code: 'folder-not-ours',
    told: { why: 'it belongs to the user with the number 65534, and this is number 0' },
  });
});
