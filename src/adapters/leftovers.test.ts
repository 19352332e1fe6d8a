import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Leftovers } from './leftovers.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-leftovers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const started = () => spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });

it('a tool is noted before anything else can happen, and whoever comes next ends it', async () => {
  const tool = started();
  const ended = once(tool, 'exit');
  new Leftovers(folder).note(tool.pid!);
  expect(existsSync(join(folder, `${tool.pid}.json`))).toBe(true);
  await new Leftovers(folder).end();
  expect(await ended).toEqual([null, 'SIGTERM']);
  expect(existsSync(join(folder, `${tool.pid}.json`))).toBe(false);
});

it('one that has ended is forgotten; a number that is nobody is not noted, a folder that cannot be is no fault', async () => {
  const tools = new Leftovers(folder);
  const tool = started();
  tools.note(tool.pid!);
  await tools.forget();
  expect(existsSync(join(folder, `${tool.pid}.json`))).toBe(false);
  process.kill(-tool.pid!, 'SIGKILL');
  await once(tool, 'exit');
  tools.note(tool.pid!);
  await writeFile(join(folder, 'file'), '');
  new Leftovers(join(folder, 'file', 'below')).note(process.pid);
  expect(existsSync(join(folder, `${tool.pid}.json`))).toBe(false);
});
