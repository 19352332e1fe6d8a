import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { TestDatabase } from '../../test/support/servers.js';
import { clock, seeded } from './clock.js';
import { measure, type Measured } from './measure.js';
import { ORDERS, writeProject } from './project.js';
import type { Scenario } from './scenarios.js';
import { Site } from './site-process.js';
import { MIGRATION, type Outcome, type Strategy } from './strategies.js';

const WARM_MS = 1_500;
const IDLE_MS = 4_000;
/** After it, so that what has queued is measured, too. */
const TAIL_MS = 1_000;

export interface Trial {
  scenario: Scenario;
  strategy: Strategy;
  seed: number;
  limitMs: number;
  budgetMs?: number;
  python: string;
}

/** One strategy in one scenario, on a database, with a site and a project of its own, from the first client to the last. */
export async function trial(
  { scenario, strategy, seed, limitMs, python, ...more }: Trial,
  database: TestDatabase,
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'lk-bench-locks-'));
  const { url } = database;
  try {
    await query(url, ORDERS);
    writeProject(folder);
    const migrate = await strategy.prepare({ python, folder, url });
    const site = await Site.open(url, seed);
    await sleep(WARM_MS);
    const idleFrom = clock();
    await sleep(IDLE_MS);
    const idleTo = clock();
    await site.read(scenario);
    const random = seeded(seed);
    await sleep(300 + 700 * random());
    const began = clock();
    const outcome = await within(limitMs, url, (signal) => migrate({ random, signal, ...more }));
    const over = clock();
    await site.stopReaders();
    await sleep(TAIL_MS);
    return measure(await site.close(), { idleFrom, idleTo, began, over }, outcome);
  } finally {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ends it when its time is over: its sessions first, or they would go on queueing. */
async function within(
  ms: number,
  url: string,
  run: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  const limit = new AbortController();
  const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${MIGRATION}' AND datname = current_database()`;
  const timer = setTimeout(() => (limit.abort(), void query(url, end).catch(() => undefined)), ms);
  try {
    const outcome = await run(limit.signal);
    return limit.signal.aborted && !outcome.done ? notWithin(ms) : outcome;
  } catch (error) {
    if (limit.signal.aborted) return notWithin(ms);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const notWithin = (ms: number): Outcome => ({ done: false, why: `not done within ${ms / 1_000} s` });

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
