import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shell } from '../../../src/adapters/shell.js';
import { freshDatabase, projectPython, type TestDatabase } from '../../support/servers.js';

const SCRIPT = resolve('deploy/example/release.py');
const SHOP = resolve('examples/shop');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** The container `shop` of docker-compose.yml, as a process, and the worker's commands beside it. */
describe('the example of docker-compose.yml', () => {
  const state = mkdtempSync(join(tmpdir(), 'lk-example-'));
  let database: TestDatabase;
  let env: Record<string, string>;
  let serving: ChildProcess;

  const release = async (...args: string[]) =>
    (await shell({ file: projectPython, args: [SCRIPT, ...args], env })).stdout.trim();
  const health = async () => (await fetch(`http://127.0.0.1:${env['SHOP_PORT']}/health`)).json();

  beforeAll(async () => {
    database = await freshDatabase();
    env = {
      DATABASE_URL: database.url,
      SHOP_FOLDER: SHOP,
      SHOP_STATE: state,
      SHOP_ORDERS: '100',
      SHOP_PORT: String(await freePort()),
      SHOP_CONTROL: `http://127.0.0.1:${await freePort()}`,
      PYTHONDONTWRITEBYTECODE: '1',
    };
    serving = spawn(projectPython, [SCRIPT, 'serve'], { env: { ...process.env, ...env }, stdio: 'ignore' });
    while ((await release('running').catch(() => '')) === '' && serving.exitCode === null) await sleep(200);
  }, 300_000);

  afterAll(async () => {
    serving.kill();
    if (serving.exitCode === null) await once(serving, 'exit');
    await database.drop();
    rmSync(state, { recursive: true });
  });

  it('begins with the first release, and is taken to the next one by a deploy', async () => {
    expect(await release('running')).toBe('r1');
    expect(await health()).toMatchObject({ status: 'ok', release: 'r1' });
    const next = await release('next');
    await shell({
      file: projectPython,
      args: ['-m', 'alembic', 'upgrade', 'head'],
      cwd: join(SHOP, 'releases', next),
      env,
    });
    await release('start', next);
    await release('start', next);
    expect(await release('running')).toBe('r2');
    expect(await health()).toMatchObject({ status: 'ok', release: 'r2' });
  });

  it('refuses a release that there is not, and goes on with the one that runs', async () => {
    await expect(release('start', 'r9')).rejects.toMatchObject({ stderr: 'there is no release r9' });
    expect(await release('running')).toMatch(/^r[12]$/);
  });
});
