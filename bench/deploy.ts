/**
 * npm run bench:deploy: what visitors notice of a deploy by docker compose behind nginx, and of a site that is closed, at
 * 100 requests a second, every third a POST. BENCH_SECONDS (default 60) for each way; BENCH_NGINX: another nginx. Without
 * arguments all of rolling, blue-green, recreate and closed.
 */
import { shell } from '../src/adapters/shell.js';
import { writeFlag, removeFlags } from '../src/adapters/closure/flag.js';
import type { Closure } from '../src/domain/closure.js';
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Swaps, type Configured } from '../test/services/compose/swaps.js';
import { underLoad, type Answered } from '../test/services/closure/site.js';
import { leave, testHome } from '../test/support/test-stack.js';
import { engine } from '../test/support/docker/engine.js';
import { median, two } from './numbers.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const goal = {
  rollingFailed: 0,
  blueGreenFailed: 0,
  rollingP99ToTwiceIdle: 1,
  blueGreenP99ToTwiceIdle: 1,
  recreateGapToComposeUp: 1,
  closureOther: 0,
  closureInEffectTo200Ms: 1,
};

mkdirSync(testHome, { recursive: true });
const swaps = await Swaps.open(['v1', 'v2'], process.env.BENCH_NGINX);
const parts: Record<string, () => Promise<Record<string, number>>> = {
  rolling: () => swapped('rolling'),
  'blue-green': () => swapped('blue-green'),
  recreate: gaps,
  closed,
};
try {
  const named = process.argv.slice(2);
  const ratios: Record<string, number> = {};
  for (const [name, measure] of Object.entries(parts))
    if (!named.length || named.includes(name)) Object.assign(ratios, await measure());
  console.log(JSON.stringify({ ratios, goal }));
} finally {
  await swaps.close();
  await leave();
}

/** From release to release and back until the time is over, as fast as it goes. */
async function swapped(way: 'rolling' | 'blue-green'): Promise<Record<string, number>> {
  const by = await swaps.configured(way, 2);
  await swaps.start(by, 'v1', null);
  const idle = await underLoad(swaps.site, () => sleep((SECONDS * 1000) / 3));
  let [running, count] = ['v1', 0];
  const answered = await underLoad(swaps.site, async () => {
    for (const until = performance.now() + SECONDS * 1000; performance.now() < until; count += 1) {
      const next = running === 'v1' ? 'v2' : 'v1';
      await swaps.start(by, next, running);
      running = next;
    }
  });
  await swaps.end();
  const failed = failures(answered);
  const [p99, idleP99] = [percentile(answered, 0.99), percentile(idle, 0.99)];
  console.log(
    `${way}: ${failed.length} of ${answered.length} failed in ${count} swaps ${summary(failed)}; p99 ${p99} ms, idle ${idleP99} ms`,
  );
  const key = way === 'rolling' ? 'rolling' : 'blueGreen';
  return { [`${key}Failed`]: failed.length, [`${key}P99ToTwiceIdle`]: two(p99 / (2 * idleP99)) };
}

/** How long nobody answers: ours and plain compose by turns, so that the machine's mood is the same for both. */
async function gaps(): Promise<Record<string, number>> {
  const by = await swaps.configured('recreate');
  await swaps.start(by, 'v1', null);
  const gap: Record<'ours' | 'plain', number[]> = { ours: [], plain: [] };
  let running = 'v1';
  for (let i = 0; i < 2 * ROUNDS; i += 1) {
    const who = i % 2 ? 'plain' : 'ours';
    const next = running === 'v1' ? 'v2' : 'v1';
    const answered = await underLoad(swaps.site, async () => {
      await sleep(500);
      if (who === 'ours') await swaps.start(by, next, running);
      else await plainUp(by, next);
      await untilServed(next);
      await sleep(500);
    });
    const bad = failures(answered).map(({ atMs, tookMs }) => ({ atMs, until: atMs + tookMs }));
    gap[who].push(
      bad.length ? Math.max(...bad.map(({ atMs }) => atMs)) - Math.min(...bad.map(({ atMs }) => atMs)) : 0,
    );
    running = next;
  }
  await swaps.end();
  console.log(
    `recreate: nobody answers for ${gap.ours.join(', ')} ms; plain compose up -d: ${gap.plain.join(', ')} ms`,
  );
  return { recreateGapToComposeUp: two(median(gap.ours) / median(gap.plain)) };
}

async function plainUp({ of }: Configured, version: string): Promise<void> {
  await engine.docker('tag', swaps.images[version]!, swaps.reference);
  const [file = '', ...before] = of.project.tool.command;
  const args = [...before, '-p', swaps.name, '-f', 'docker-compose.prod.yml', 'up', '-d', 'app'];
  await shell({ file, args, cwd: swaps.folder, env: engine.env });
}

async function untilServed(version: string): Promise<void> {
  while ((await swaps.served()) !== version) await sleep(20);
}

/** The flag comes and goes 40 times: what is answered, and how late the last answer of before comes. */
async function closed(): Promise<Record<string, number>> {
  const by = await swaps.configured('recreate');
  await swaps.start(by, 'v1', null);
  const now = new Date().toISOString();
  const closure: Closure = {
    ...{ formatVersion: 1, target: 'shop', kind: 'hand', by: 'bench', runId: 'bench' },
    ...{ reason: 'bench', since: now, deadline: now },
  };
  const switched: { at: number; status: number }[] = [];
  const answered = await underLoad(swaps.site, async () => {
    for (let i = 0; i < 40; i += 1) {
      await sleep(250);
      if (i % 2) await removeFlags(swaps.site.flag);
      else await writeFlag(swaps.site.flag, closure, { replace: false });
      switched.push({ at: Date.now(), status: i % 2 ? 200 : 503 });
    }
    await sleep(250);
  });
  await swaps.end();
  const other = answered.filter(({ status }) => status !== 200 && status !== 503);
  const late = switched.map(({ at, status }, i) => {
    const until = switched[i + 1]?.at ?? Infinity;
    // The switch that follows takes a few milliseconds itself.
    const wrong = answered.filter(
      (each) => each.atMs > at && each.atMs < until - 60 && each.status !== status,
    );
    return Math.max(0, ...wrong.map(({ atMs }) => atMs - at));
  });
  console.log(
    `closed and opened 40 times: ${other.length} of ${answered.length} answers are neither 200 nor 503; in effect within ${Math.max(...late)} ms`,
  );
  return { closureOther: other.length, closureInEffectTo200Ms: two(Math.max(...late) / 200) };
}

function failures(answered: readonly Answered[]): Answered[] {
  return answered.filter(({ status }) => status !== 200);
}

function summary(failed: readonly Answered[]): string {
  const counts = new Map<string, number>();
  for (const { status } of failed) counts.set(String(status), (counts.get(String(status)) ?? 0) + 1);
  return failed.length ? JSON.stringify(Object.fromEntries(counts)) : '';
}

function percentile(answered: readonly Answered[], part: number): number {
  const took = answered.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return took[Math.floor(took.length * part)] ?? 0;
}
