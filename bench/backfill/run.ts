/** npm run bench:backfill: rows a second beside a plain loop and pgroll's SQL, flatness, and what the application sees. */
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fill as work } from '../../src/activities/backfill/fill.js';
import { options, open, type Settings } from '../../test/services/backfill/support.js';
import { freshDatabase, servers } from '../../test/support/servers.js';
import { leave, testHome } from '../../test/support/test-stack.js';
import { application, endpoint } from './application.js';
import { assertFilled, EXPRESSION, fill, pgroll, plainLoop } from './contestants.js';
import { median, two } from '../numbers.mjs';

const ROWS = Number(process.env['ROWS'] ?? 1_000_000);
const ROUNDS = Number(process.env['ROUNDS'] ?? 3);
const FLAT = Number(process.env['FLAT'] ?? (process.argv.includes('--full') ? 10_000_000 : 3_000_000));
const SECONDS = Number(process.env['SECONDS'] ?? 15);
const goal = {
  plainToOurs: 1 / 0.8,
  oursToPgroll: 1 / 3,
  lastToFirstMillion: 1.2,
  reactionTo2s: 1,
  p95ToIdle: 1.2,
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
  for (let round = 0; round < ROUNDS; round += 1)
    for (const name of ['plain', 'ours', 'pgroll'] as const) {
      await fill(url, ROWS);
      took[name].push(await ways[name]());
      await assertFilled(url);
    }
  const [a, b, c] = [median(took.ours), median(took.plain), median(took.pgroll)];
  console.log(
    `${ROWS} rows: ours ${seconds(a)}, plain loop ${seconds(b)}, pgroll ${seconds(c)} (medians of ${ROUNDS})`,
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

/** Beside 500 transactions a second: what they see, idle, unthrottled and throttled, and how fast it goes. */
async function beside() {
  await fill(url, ROWS);
  const app = await application(url, 500, ROWS);
  await sleep(3_000);
  app.takeP95();
  await sleep(SECONDS * 1_000);
  const idle = app.takeP95();
  const [free, throttled] = [
    await rate({}),
    await rate({ p95: { url: app.url, field: 'p95', ms: idle * 1.1 } }),
  ];
  await app.stop();
  console.log(
    `p95 of 500 tps: ${idle.toFixed(1)} ms idle; ${free.p95.toFixed(1)} ms at ${free.rows} rows/s; ` +
      `${throttled.p95.toFixed(1)} ms throttled at ${throttled.rows} rows/s (${Math.round((100 * throttled.rows) / free.rows)} %)`,
  );
  return { p95ToIdle: two(throttled.p95 / idle) };

  async function rate(throttle: Settings) {
    await open(url, { ...settings, throttle }, { again: true });
    app.takeP95();
    const { rows, ms } = await work(url, options({ forMs: SECONDS * 1_000 }));
    return { rows: Math.round((rows / ms) * 1_000), p95: app.takeP95() };
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
