import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, until } from '../support/project.js';
import { processesIn } from '../support/processes-in.js';
import { testVenv } from '../support/servers.js';
import { root } from '../support/test-stack.js';

const MINUTES = 60_000;
const cli = join(root, 'dist', 'cli.js');

/** Lends a program a terminal: what comes on its standard input is typed. */
const PTY = 'import pty, sys, os; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
const SIZED = ['sh', '-c', 'stty cols 80 rows 50; exec "$@"', 'sh'];
const UP_UP_ENTER = ['\u001b[A', '\u001b[A', '\r'];

let folder: string;
let venv: string;
let demo: ChildProcess | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-demo-'));
  venv = await testVenv();
}, 10 * MINUTES);
afterAll(async () => {
  // A demo that a failed test has left in the middle stops all that is its own when its terminal goes away.
  if (demo?.exitCode === null && demo.kill('SIGTERM')) await once(demo, 'close');
  await rm(folder, { recursive: true, force: true });
}, 2 * MINUTES);

it(
  '--interactive asks whoever sits there, takes the question back when it is answered elsewhere, and stops all in the end',
  async () => {
    const env = { ...process.env, LOCKKEEPER_VENV: venv };
    const python = join(venv, 'bin', 'python');
    demo = spawn(python, ['-c', PTY, ...SIZED, process.execPath, cli, 'demo', '--interactive'], {
      cwd: folder,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const ended = once(demo, 'close');
    let told = '';
    demo.stdout!.on('data', (data: Buffer) => (told += data.toString()));
    const part = (title: string) => told.slice(told.indexOf(title));

    const asked = () => /What do you, ana@example.com, decide.*nothing now/s.test(part('2. r4 '));
    await until(asked, 6 * MINUTES, 'the question about r4').catch((error: Error) => {
      throw new Error(`${error.message}; it said last: ${told.slice(-1_500)}`);
    });
    for (const key of UP_UP_ENTER) {
      demo.stdin!.write(key);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const again = () => told.includes('3. r5 ') && /What do you, ana.*nothing now/s.test(part('3. r5 '));
    await until(again, 6 * MINUTES, 'the question about r5');
    expect(part('2. r4 ')).toMatch(
      /It waits for you, in Ana's name: here, .*approve shop\s.*approved; it goes on.*done +health/s,
    );

    const plan = /--plan ([0-9a-f]{12})/.exec(part('3. r5 '))?.[1] ?? '';
    const home = join(folder, '.lockkeeper', 'demo');
    const elsewhere = { cwd: home, env: { LOCKKEEPER_USER: 'ben@example.com' }, ms: MINUTES };
    const rejected = await runProgram(
      process.execPath,
      [cli, 'reject', 'shop', '--plan', plan, '--note', 'not today'],
      elsewhere,
    );
    expect(rejected).toMatchObject({ code: 0, out: 'ben@example.com rejected the plan\n' });
    const [code] = (await ended) as [number | null];
    expect({ code, told: code === 1 ? '' : told }).toEqual({ code: 1, told: '' });
    expect(part('3. r5 ')).toMatch(
      /ben@example.com said reject.*not today.*you rejected r5: the shop is as it was/s,
    );
    expect(await processesIn(folder)).toEqual([]);
  },
  15 * MINUTES,
);
