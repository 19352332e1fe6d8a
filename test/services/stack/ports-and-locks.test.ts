import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { down } from '../../../src/stack/down.js';
import { withLock } from '../../../src/adapters/lock.js';
import { freePort, isFree } from '../../../src/adapters/ports.js';
import { placeOf } from '../../../src/stack/place.js';
import { identify } from '../../../src/stack/process.js';
import type { Context, Server as Kind } from '../../../src/stack/server.js';
import { ensure } from '../../../src/stack/start.js';
import type { ServerState } from '../../../src/stack/state.js';
import { up, type UpOptions } from '../../../src/stack/up.js';
import { testVenv } from '../../support/servers.js';

let home: string;
let venv: string;

/** nginx alone: it starts in a moment, and ports and locks are the same for all. */
const start = (options: UpOptions = {}) => up({ home, venv, servers: ['nginx'], ...options });

const occupy = (port: number): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve(server));
  });
const free = (server: Server) => new Promise((resolve) => server.close(resolve));

beforeAll(async () => {
  venv = await testVenv();
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lockkeeper-ports-'));
});
afterEach(async () => {
  await down({ home, erase: true });
  await rm(home, { recursive: true });
});

it('finds another port when somebody took the one of last time, and says so', async () => {
  const first = await start();
  await down({ home });
  const stranger = await occupy(first.nginx!.port);
  const second = await start();
  await free(stranger);
  expect(second.nginx!.port).not.toBe(first.nginx!.port);
  expect(second.notes).toEqual([expect.stringContaining(`port ${first.nginx!.port} is in use`)]);
});

it('does not take another port than the one that was asked for', async () => {
  const port = await freePort();
  const stranger = await occupy(port);
  await expect(start({ ports: { nginx: port } })).rejects.toMatchObject({ code: 'port-taken' });
  await free(stranger);
  expect((await start({ ports: { nginx: port } })).nginx!.url).toBe(`http://127.0.0.1:${port}`);
  await expect(start({ ports: { nginx: port + 1 } })).rejects.toMatchObject({ code: 'runs-on-other-port' });
});

it('starts one server when two ask at the same instant', async () => {
  const waited: string[] = [];
  const both = await Promise.all([start(), start({ onProgress: (text) => waited.push(text) })]);
  expect(both[0].nginx!.process).toEqual(both[1].nginx!.process);
});

it('gives two first starts at the same instant servers of their own, slow as they may be to take their ports', async () => {
  const homes = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'lockkeeper-ports-'))));
  const usual = await freePort();
  const slow = (port: number) =>
    `setTimeout(() => require('net').createServer().listen(${port}, '127.0.0.1'), 500)`;
  const server: Kind<ServerState> = {
    ...{ name: 'nginx', called: 'slow', looks: /^$/, ports: { nginx: usual }, stop: [], startMs: 20_000 },
    folder: async ({ nginx }) => (await mkdir(nginx, { recursive: true }), nginx),
    prepare: (_, __, { nginx }) =>
      Promise.resolve({
        daemon: { file: process.execPath, args: ['-e', slow(nginx!)], as: undefined },
        state: { version: '' },
      }),
    answers: async (_, { ports }) => !(await isFree(ports.nginx!)),
  };
  const saved: ServerState[] = [];
  const one = async (each: string) => {
    const place = placeOf(each);
    await mkdir(place.logs, { recursive: true });
    const context = { place, tools: {} as Context['tools'], searchAttributes: {}, onProgress: () => {} };
    await ensure({
      ...{ server, context, earlier: undefined, asked: {} },
      ...{ save: (state: ServerState) => void saved.push(state), note: () => {} },
    });
    return saved.at(-1)!;
  };
  try {
    const [first, second] = await Promise.all(homes.map(one));
    expect([first!.ports.nginx, second!.ports.nginx]).toContain(usual);
    expect(first!.ports.nginx).not.toBe(second!.ports.nginx);
  } finally {
    for (const { process: started } of saved) process.kill(started!.pid, 'SIGKILL');
    await Promise.all(homes.map((each) => rm(each, { recursive: true })));
  }
});

it('takes over the lock of a process that died', async () => {
  const lock = join(home, 'a.lock');
  await writeFile(lock, JSON.stringify({ pid: process.pid, started: 'by somebody else, long ago' }));
  expect(await withLock(lock, () => Promise.resolve('done'))).toBe('done');
});

it('tells who holds the lock when it is not let go', async () => {
  const lock = join(home, 'a.lock');
  await writeFile(lock, JSON.stringify(await identify(process.pid)));
  const waiting = withLock(lock, () => Promise.resolve(), { waitMs: 200 });
  await expect(waiting).rejects.toMatchObject({
    code: 'stack-busy',
    message: expect.stringContaining(`process ${process.pid}`),
  });
});

it('never runs two at a time under one lock, stale as it may be at first', async () => {
  const lock = join(home, 'a.lock');
  await writeFile(lock, JSON.stringify({ pid: 1, started: 'never' }));
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, (inside += 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 10 }, () => withLock(lock, work)));
  expect(most).toBe(1);
});

it('shows the last words and the log of a server that does not start', async () => {
  const { nginx } = await start();
  await down({ home });
  await writeFile(join(nginx!.sites, 'broken.conf'), 'server { listne 80; }\n');
  const failed = await start().catch((error: unknown) => error);
  expect(failed).toMatchObject({
    code: 'server-did-not-start',
    told: {
      why: expect.stringContaining('unknown directive "listne"'),
      next: [`read ${nginx!.log}`, expect.anything()],
    },
  });
  expect(await readFile(nginx!.log, 'utf8')).toContain('listne');
});
