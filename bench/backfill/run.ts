/**
 * npm run bench:backfill [-- speed flat reaction beside]: rows a second beside a plain loop and pgroll's SQL, flatness, how
 * soon a spike is met, and what the application sees.
 */
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fill as work } from '../../src/activities/backfill/fill.js';
import { options, open, query, type Settings } from '../../test/services/backfill/support.js';
import { freshDatabase, servers } from '../../test/support/servers.js';
import { leave, testHome } from '../../test/support/test-stack.js';
import { application, endpoint } from './application.js';
import { assertFilled, EXPRESSION, fill, pgroll, plainLoop } from './contestants.js';
import { median, two } from '../numbers.mjs';

const ROWS = Number(process.env['ROWS'] ?? 1_000_000);
const ROUNDS = Number(process.env['ROUNDS'] ?? 3);
const FLAT = Number(process.env['FLAT'] ?? 10_000_000);
const SECONDS = Number(process.env['SECONDS'] ?? 15);
const goal = {
  plainToOurs: 1 / 0.8,
  oursToPgroll: 1 / 3,
  lastToFirstMillion: 1.2,
  reactionTo2s: 1,
  p95ToIdle: 1.2,
  // Or as fast as the limit allows: the line above says how long that has held it.
  unthrottledToThrottled: 1 / 0.6,
};
const PARTS = { speed, flat, reaction, beside };
const named = process.argv.slice(2).filter((name): name is keyof typeof PARTS => name in PARTS);
const parts = named.length ? named : (Object.keys(PARTS) as (keyof typeof PARTS)[]);
const settings = { table: 't', set: { b: EXPRESSION } };

mkdirSync(testHome, { recursive: true });
const { tools } = await servers();
const database = await freshDatabase();
const { url } = database;
try {
  const ratios = {};
  for (const part of parts) Object.assign(ratios, await PARTS[part]());
  console.log(JSON.stringify({ ratios, goal }));
} finally {
  await database.drop();
  await leave();
}

async function ours(more: Settings = {}, progress: Parameters<typeof options>[0] = {}): Promise<number> {
  await open(url, { ...settings, ...more }, { again: true });
  const began = performance.now();
  const { over } = await work(url, options({ forMs: 3_600_000, ...progress }));
  if (!over) throw new Error('it is not over');
  return performance.now() - began;
}

async function speed() {
  const took = { ours: [] as number[], plain: [] as number[], pgroll: [] as number[] };
  const ways = {
    ours: () => ours(),
    plain: () => Promise.resolve(plainLoop(tools.pgBin, url, ROWS)),
    pgroll: () => pgroll(tools.pgBin, url, ROWS),
  };
  // Once is enough of the slowest: it is slower by several times.
  for (let round = 0; round < ROUNDS; round += 1)
    for (const name of round ? (['plain', 'ours'] as const) : (['plain', 'ours', 'pgroll'] as const)) {
      await fill(url, ROWS);
      took[name].push(await ways[name]());
      await assertFilled(url);
    }
  const [a, b, c] = [median(took.ours), median(took.plain), median(took.pgroll)];
  console.log(
    `${ROWS} rows: ours ${seconds(a)}, plain loop ${seconds(b)}, pgroll ${seconds(c)} (medians of ${ROUNDS}, pgroll once)`,
  );
  return { plainToOurs: two(a / b), oursToPgroll: two(a / c) };
}

async function flat() {
  await fill(url, FLAT);
  const began = performance.now();
  const at: number[] = [];
  const million = Math.min(1_000_000, FLAT / 3);
  await ours(
    {},
    {
      progress: ({ scanned }) => {
        while (scanned >= (at.length + 1) * million) at.push(performance.now() - began);
      },
    },
  );
  const spans = at.map((ms, index) => ms - (at[index - 1] ?? 0));
  console.log(`${FLAT} rows, each ${million}: ${spans.map(seconds).join(', ')}`);
  return { lastToFirstMillion: two((spans.at(-1) ?? 0) / (spans[0] ?? 1)) };
}

async function reaction() {
  await fill(url, ROWS);
  const health = await endpoint();
  const p95 = { url: health.url, ms: 100 };
  await open(url, { ...settings, throttle: { p95 } }, { again: true });
  let [spike, held] = [0, 0];
  const progress = (_: unknown, why: readonly string[]) => {
    if (spike && !held && why.length) held = performance.now();
  };
  const working = work(url, options({ forMs: 8_000, rowsPerSecond: ROWS / 20, progress }));
  await sleep(3_000);
  spike = performance.now();
  health.slow(1_000);
  await working;
  health.stop();
  console.log(`a spike of 1 s: held after ${Math.round(held - spike)} ms`);
  return { reactionTo2s: held ? two((held - spike) / 2_000) : Infinity };
}

/** Beside 500 transactions a second: what they see, idle, unthrottled and throttled, and how fast it goes; by turns. */
async function beside() {
  await fill(url, ROWS);
  const app = await application(url, 500, ROWS);
  const idle: number[] = [];
  const free: Beside[] = [];
  const throttled: Beside[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // What the run before has left dead would be in the way; a new table would end the application.
    await query(url, 'VACUUM t');
    await sleep(2_000);
    await app.takeP95();
    await sleep(SECONDS * 1_000);
    idle.push(await app.takeP95());
    free.push(await rateBeside(app, {}));
    const p95 = { url: app.url, field: 'p95', ms: idle.at(-1)! * 1.1 };
    throttled.push(await rateBeside(app, { p95 }));
  }
  await app.stop();
  const of = (name: keyof Beside, all: readonly Beside[]) => median(all.map((each) => each[name]));
  const rates = [of('rows', free), of('rows', throttled)] as const;
  console.log(
    `p95 of 500 tps: ${median(idle).toFixed(1)} ms idle; ${of('p95', free).toFixed(1)} ms at ${rates[0]} rows/s; ` +
      `${of('p95', throttled).toFixed(1)} ms throttled at ${rates[1]} rows/s (${percent(rates[1] / rates[0])}), ` +
      `the limit of 1.1 × idle held it for ${percent(of('held', throttled))} of the time (medians of ${ROUNDS})`,
  );
  return {
    p95ToIdle: two(median(throttled.map(({ p95 }, at) => p95 / idle[at]!))),
    unthrottledToThrottled: two(rates[0] / rates[1]),
  };
}

/** Rows a second, p95 in milliseconds, and the share of the looks at which it was held. */
interface Beside {
  rows: number;
  p95: number;
  held: number;
}

async function rateBeside(app: Awaited<ReturnType<typeof application>>, throttle: Settings): Promise<Beside> {
  await query(url, 'VACUUM t');
  await open(url, { ...settings, throttle }, { again: true });
  await app.takeP95();
  let [turns, held] = [0, 0];
  const progress = (_: unknown, why: readonly string[]) => {
    turns += 1;
    held += Number(why.length > 0);
  };
  const { rows, ms } = await work(url, options({ forMs: SECONDS * 1_000, progress }));
  return { rows: Math.round((rows / ms) * 1_000), p95: await app.takeP95(), held: held / Math.max(1, turns) };
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
