import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ran } from '../support/project.js';
import { processesIn } from '../support/processes-in.js';
import { testVenv } from '../support/servers.js';
import { root } from '../support/test-stack.js';

const MINUTES = 60_000;

/** Somebody installs the package in an empty folder, and has nothing else of ours. */
let folder: string;
let venv: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-package-'));
  venv = await testVenv(); // the servers are not downloaded a second time
}, 10 * MINUTES);
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (file: string, args: readonly string[], { cwd = folder, ms = 5 * MINUTES } = {}): Promise<Ran> =>
  runProgram(file, args, {
    cwd,
    env: {
      LOCKKEEPER_VENV: venv,
      npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    },
    ms,
  });
const npm = (args: readonly string[], cwd?: string) =>
  run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], cwd ? { cwd } : {});

it(
  'is packed, installed in an empty folder, and knows its version',
  async () => {
    // `prepack` would install the packages of this checkout anew; dist/ is built already.
    const packed = await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root);
    expect(packed).toMatchObject({ code: 0 });
    const [{ filename, size }] = JSON.parse(packed.out) as [{ filename: string; size: number }];
    expect(size).toBeLessThan(3 * 2 ** 20);
    await writeFile(join(folder, 'package.json'), '{"private":true}');
    expect(await npm(['install', '--prefer-offline', join(folder, filename)])).toMatchObject({ code: 0 });

    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await run('npx', ['lockkeeper', '--version'])).toMatchObject({ code: 0, out: `${version}\n` });
  },
  5 * MINUTES,
);

it(
  'stops all that it started when it is interrupted in the middle of a deploy',
  async () => {
    const cli = join(folder, 'node_modules', 'lockkeeper', 'dist', 'cli.js');
    const env = { ...process.env, LOCKKEEPER_VENV: venv };
    const demo = spawn(process.execPath, [cli, 'demo'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let told = '';
    demo.stderr.on('data', (data: Buffer) => (told += data.toString()));
    demo.stdout.on('data', (data: Buffer) => {
      told += data.toString();
      if (told.includes('done    check')) demo.kill('SIGINT');
    });
    const [code] = (await once(demo, 'close')) as [number | null];
    expect({ code, told: code === 130 ? '' : told }).toEqual({ code: 130, told: '' });
    expect(told).toContain('interrupted; all that the demo had started is stopped');
    expect(await processesIn(folder)).toEqual([]);
  },
  3 * MINUTES,
);
