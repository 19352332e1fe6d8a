/**
 * node scripts/test.mjs [unit | services | matrix | path...]
 *
 * Without an argument: set-up, types, lint, format, generated pages, then the tests; of the long stories some, others
 * each time (LOCKKEEPER_SEED repeats a draw). `matrix`: the same with all of them, each version and driver that we
 * support, and kills of everything at each step of a run. The last line is `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { register } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawn, NAMES, secondsFor } from '../test/support/in-turns.mjs';
import { check } from './check.mjs';
import { numbersOf } from './jest-numbers.mjs';
import { installVenv, setUp } from './setup.mjs';
import { tell, Told } from './told.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** All tests together: half as much again as they may need. A test that hangs must not hang a CI for hours. */
const LIMIT_MINUTES = 25;
/** When the long stories are to be over, on a machine of any speed. */
const STORIES_UNTIL_MINUTES = 16;
/** What the files with services that always run take together on the machine where the long ones were timed. */
const ALWAYS_SECONDS = 165;
/** The whole matrix kills a few hundred runs, one file at a time: what is measured in seconds must not starve. */
const MATRIX_LIMIT_MINUTES = 240;
const WITHOUT_SERVICES = ['--selectProjects', 'unit', 'stories', '--maxWorkers=2'];
// Each file has databases of its own; much of it is waiting, so that two cores bear three at a time.
const WITH_SERVICES = ['--selectProjects', 'services', '--maxWorkers=3'];

const RUNS = {
  unit: { checks: false, venv: [], jest: [WITHOUT_SERVICES] },
  services: { checks: false, venv: ['stack', 'shop', 'test'], jest: [WITH_SERVICES] },
  all: { checks: true, venv: ['stack', 'shop', 'test'], jest: [WITHOUT_SERVICES, WITH_SERVICES] },
};

const limitMinutes = process.argv[2] === 'matrix' ? MATRIX_LIMIT_MINUTES : LIMIT_MINUTES;
const until = performance.now() + limitMinutes * 60_000;
const sum = { passed: 0, failed: 0, skipped: 0 };

async function main(args) {
  const isMatrix = args[0] === 'matrix';
  const named = isMatrix || args.length === 0 ? RUNS.all : RUNS[args[0]];
  const { checks, venv, jest } = named ?? { ...RUNS.all, checks: false, jest: [['--maxWorkers=2', ...args]] };
  await setUp();
  // Packages for Python come from afar, and the compiler needs none. A check that fails counts as a failed test:
  // `0 failed` means that all is well.
  const [faults] = await Promise.all([checks ? check() : [], installVenv(venv)]);
  sum.failed += faults.length;
  if (isMatrix) return runMatrix(jest);
  if (!named) return add(await runJest(jest[0], {}));
  const seed = process.env.LOCKKEEPER_SEED ?? String(randomInt(1_000_000));
  const env = { LOCKKEEPER_SEED: seed };
  for (const jestArgs of jest) {
    if (jestArgs !== WITH_SERVICES) add(await runJest(jestArgs, env));
    else {
      const began = performance.now();
      add(await told(jestArgs, { ...env, LOCKKEEPER_STORIES: 'later' }));
      await tellLongStories(env, (performance.now() - began) / 1_000);
    }
  }
}

async function runMatrix(jest) {
  const alone = (flag) => (flag.startsWith('--maxWorkers') ? '--maxWorkers=1' : flag);
  for (const jestArgs of jest) add(await runJest(jestArgs.map(alone), { LOCKKEEPER_MATRIX: 'whole' }));
}

/**
 * The long stories that there is time for, after all others.
 *
 * @param wall - seconds that the files with services which always run have taken
 */
async function tellLongStories(env, wall) {
  const left = STORIES_UNTIL_MINUTES * 60 - performance.now() / 1_000;
  const seconds = Number(process.env.LOCKKEEPER_DRAWN_SECONDS ?? secondsFor(left, wall / ALWAYS_SECONDS));
  const names = drawn(env.LOCKKEEPER_SEED, seconds);
  process.stderr.write(
    `${names.length} of ${NAMES.length} long stories this time (LOCKKEEPER_SEED=${env.LOCKKEEPER_SEED} LOCKKEEPER_DRAWN_SECONDS=${seconds}); all: npm run test:matrix\n`,
  );
  if (names.length) add(await told([...WITH_SERVICES, '--runTestsByPath', ...names.map(fileOf)], env));
}

const fileOf = (name) => join(root, 'test', `${name}.test.ts`);

const add = (more) => Object.keys(sum).forEach((key) => (sum[key] += more[key]));

/**
 * At most so many files that failed are told again, one at a time, with the same draw: three at a time on two cores,
 * one may have starved beside others. What fails again has failed; that it failed first is said.
 */
const TOLD_AGAIN = 3;

async function told(jestArgs, env) {
  const first = await runJest(jestArgs, env);
  const again = first.failedFiles;
  if (!again.length || again.length > TOLD_AGAIN) return first;
  process.stderr.write(`failed beside others, told again alone: ${again.join(', ')}\n`);
  const alone = ['--selectProjects', 'services', '--maxWorkers=1', '--runTestsByPath', ...again];
  const second = await runJest(alone, env);
  return Object.fromEntries(
    Object.keys(sum).map((key) => [key, first[key] - first.ofFailed[key] + second[key]]),
  );
}

/** @returns the numbers of one run; what did not even come to a test counts as one failure */
async function runJest(args, env) {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-jest-'));
  try {
    return await jestInto(join(folder, 'results.json'), args, env);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function jestInto(results, args, env) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const code = await ended(
    spawn(process.execPath, [jest, '--forceExit', '--json', `--outputFile=${results}`, ...args], {
      cwd: root,
      // With --json the results go to the file; what is for people comes on standard error.
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings', ...env },
      detached: true,
    }),
  );
  const result = await readFile(results, 'utf8').then(JSON.parse, () => undefined);
  return numbersOf(result, code);
}

/** Waits for jest; ends it and all that it started when the time is over or when we are to end. */
async function ended(tool) {
  let why;
  const stop = (reason) => {
    why = reason;
    try {
      process.kill(-tool.pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  };
  const timer = setTimeout(
    () => stop(`the tests did not end within ${limitMinutes} minutes`),
    until - performance.now(),
  );
  const interrupt = () => stop('interrupted');
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const code = await new Promise((resolve, reject) => tool.once('error', reject).once('close', resolve));
  clearTimeout(timer);
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  if (why === undefined) return code;
  await stopServers();
  throw new Told(why);
}

/** What jest does at its end, when it was not let come to one. */
async function stopServers() {
  register('./ts-loader.mjs', import.meta.url);
  const { leave } = await import('../test/support/test-stack.ts');
  await leave();
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(tell(error));
  sum.failed += 1;
}
const { passed, failed, skipped } = sum;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
