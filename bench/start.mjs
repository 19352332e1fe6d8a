/**
 * npm run bench:start
 *
 * What it costs to call the CLI: seconds of processor (user and system, which a busy machine stretches less than
 * time) of whole commands, beside `node -e 0` in the same round. The servers are real, and a run waits at its gate.
 * Ends with one line of JSON: ratios, and the goals as upper bounds. Medians of ROUNDS (11).
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, two } from './numbers.mjs';
import { cli, run, say, withShop } from './shop.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 11);
const TICKS = 100; // USER_HZ, on all architectures that Node.js runs on

/** Goals: how often the processor's time of a Node.js that does nothing. */
const COMMANDS = [
  { name: 'version', args: ['--version'], goal: 2 },
  { name: 'help', args: ['--help'], goal: 2 },
  { name: 'keepsakeList', args: ['keepsake', 'list'], goal: 5 },
  { name: 'status', args: ['status'], goal: 9 },
  { name: 'approveShows', args: ['approve', 'shop', '--json'], goal: 10, code: 3 },
];

await withShop(async ({ home, env, begin }) => {
  await begin();
  const deploy = ['deploy', 'shop', '--release', 'r2', '--manual-migrate', '--detach'];
  await run(process.execPath, [cli, ...deploy], { cwd: home, env });
  await untilItWaits(home, env);
  const nothing = [];
  const ours = COMMANDS.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    nothing.push(processorSeconds(['-e', '0'], { cwd: home, env }));
    for (const [index, { args, code = 0 }] of COMMANDS.entries())
      ours[index].push(processorSeconds([cli, ...args], { cwd: home, env, code }));
  }
  await run(process.execPath, [cli, 'cancel', 'shop'], { cwd: home, env });
  report(median(nothing), ours.map(median));
});

async function untilItWaits(cwd, env) {
  for (;;) {
    const { stdout } = await run(process.execPath, [cli, 'status', '--json'], { cwd, env });
    if (JSON.parse(stdout).outcome === 'waiting') return;
    await sleep(500);
  }
}

/** @returns what a process that is over took of the processor, with those that it started and waited for */
function processorSeconds(args, { cwd, env, code = 0 }) {
  const before = ofChildren();
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== code) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return ofChildren() - before;
}

/** Fields 16 and 17 of proc(5): user and system time of children that were waited for. */
function ofChildren() {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS;
}

function report(nothing, ours) {
  say(`node -e 0      ${(nothing * 1000).toFixed(0)} ms of processor, median of ${ROUNDS}`);
  for (const [index, { name }] of COMMANDS.entries())
    say(`${name.padEnd(14)} ${(ours[index] * 1000).toFixed(0)} ms, ${two(ours[index] / nothing)} times that`);
  const of = (value) =>
    Object.fromEntries(COMMANDS.map(({ name, ...rest }, index) => [name, value(rest, index)]));
  const ratios = of((_, index) => two(ours[index] / nothing));
  say(JSON.stringify({ ratios, goal: of(({ goal }) => goal) }));
}
