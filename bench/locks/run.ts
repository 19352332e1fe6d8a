/**
 * npm run bench:locks
 *
 * ADD COLUMN on a table that 8 clients change 60 times a second and that others read, by Lockkeeper and as peers do it;
 * then all revisions of two real projects on an idle database, by Lockkeeper and by plain alembic. Ends with one line of JSON.
 * SEEDS (1), OURS (as many seeds for ours; default SEEDS), ONLY=ours|overhead, READER_S (30), READERS_S (40), LIMIT_S (60),
 * AT_ONCE (10: peers that run beside each other, each with a site of its own), ROUNDS (3), OVERHEAD=no, LOCKKEEPER_REAL.
 */
import { loadavg } from 'node:os';
import { withDatabase } from '../../src/adapters/postgres/databases.js';
import { tools } from '../../src/stack/tools.js';
import { installedPostgres } from '../../test/support/installed-postgres.js';
import { projectPython, testVenv } from '../../test/support/servers.js';
import type { Measured } from './measure.js';
import { overhead } from './overhead.js';
import { heading, line, row } from './report.js';
import { scenarios, type Scenario } from './scenarios.js';
import { nobody, others, ours, type Strategy } from './strategies.js';
import { trial } from './trial.js';
import { median, two } from '../numbers.mjs';

const SEEDS = Number(process.env.SEEDS ?? 1);
const OURS = Number(process.env.OURS ?? SEEDS);
const ONLY = process.env.ONLY;
const LIMIT_MS = Number(process.env.LIMIT_S ?? 60) * 1_000;
const AT_ONCE = Number(process.env.AT_ONCE ?? 10);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** Stall budgets for readers without a gap: one that people have approved, and that of a plan of low risk. */
const budgets = { approved: 3_000, asPlanned: 1_000 };
/** What clients may wait above idle, beside the budget. */
const ABOVE_IDLE_MS = 150;

const pgBin = tools(await testVenv()).pgBin;
// Locks are measured, and not the disk.
const server = await installedPostgres(pgBin, { fsync: 'off', max_connections: '400' });
const seeds = (many: number) => Array.from({ length: many }, (_, at) => at + 1);

async function one(
  scenario: Scenario,
  strategy: Strategy,
  seed: number,
  budgetMs?: number,
): Promise<Measured> {
  const budget = budgetMs === undefined ? {} : { budgetMs };
  const settings = { scenario, strategy, seed, limitMs: LIMIT_MS, python: projectPython, ...budget };
  const measured = await trial(settings, await server.freshDatabase());
  const [allowed, load] = [budgetMs ? `, ${budgetMs} ms` : '', loadavg()[0]!.toFixed(1)];
  console.log(`${scenario.name} ${strategy.name}${allowed}, seed ${seed}, load ${load}: ${line(measured)}`);
  return measured;
}

/** By itself, one run after the other. */
async function mine(scenario: Scenario, budgetMs?: number): Promise<Measured[]> {
  const all: Measured[] = [];
  for (const seed of seeds(OURS)) all.push(await one(scenario, ours, seed, budgetMs));
  return all;
}

/** Beside each other. @returns rows of the table */
async function theirs(scenario: Scenario): Promise<string[]> {
  const jobs = others.flatMap((strategy) => seeds(SEEDS).map((seed) => ({ strategy, seed })));
  const all = new Map<string, Measured[]>(others.map(({ name }) => [name, []]));
  const worker = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift())
      all.get(job.strategy.name)!.push(await one(scenario, job.strategy, job.seed));
  };
  // To the end of all: what one that fails leaves behind would be in the way of the others.
  const came = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  for (const each of came) if (each.status === 'rejected') console.error(each.reason);
  return [...all].flatMap(([name, measured]) => (measured.length ? [row(name, measured)] : []));
}

async function compare(scenario: Scenario): Promise<void> {
  const alone = await one(scenario, nobody, 1);
  const rows = [heading(`${scenario.name}: ${scenario.about}`), row(nobody.name, [alone])];
  if (scenario.name === 'S3')
    for (const [which, budgetMs] of Object.entries(budgets)) {
      const all = await mine(scenario, budgetMs);
      rows.push(row(`${ours.name}, stall budget ${budgetMs / 1_000} s`, all));
      say(
        `s3Beyond${which === 'approved' ? 'Approved' : 'Planned'}Budget`,
        all.filter(beyond(budgetMs)).length,
        0,
      );
    }
  else {
    const all = await mine(scenario);
    rows.push(row(ours.name, all));
    judge(scenario.name.toLowerCase(), all);
  }
  if (ONLY !== 'ours') rows.push(...(await theirs(scenario)));
  console.log(`\n${rows.join('\n')}\n`);
}

/** Neither done nor stopped with names, or others waited for longer than was allowed. */
const beyond =
  (budgetMs: number) =>
  ({ outcome, worst }: Measured): boolean =>
    !(outcome.done || (outcome.stopped && outcome.stopped.stalledMs <= budgetMs)) ||
    worst > budgetMs + ABOVE_IDLE_MS;

const ratios: Record<string, number> = {};
const goal: Record<string, number> = {};
function say(name: string, ratio: number, atMost: number): void {
  ratios[name] = two(ratio);
  goal[name] = atMost;
}

function judge(at: string, all: readonly Measured[]): void {
  say(`${at}WorstTo150Ms`, Math.max(...all.map(({ worst }) => worst)) / ABOVE_IDLE_MS, 1);
  say(
    `${at}Over250Ms`,
    all.reduce((sum, { slow }) => sum + slow, 0),
    0,
  );
  say(`${at}NotDone`, all.filter(({ outcome }) => !outcome.done).length, 0);
  say(`${at}DoneTo1s`, Math.max(...all.map(({ afterReader }) => afterReader ?? Infinity)) / 1_000, 1);
}

async function idle(adminUrl: string): Promise<void> {
  for (const name of ['prefect', 'mlflow'] as const) {
    const { plainMs, oursMs, same } = await overhead(name, { adminUrl, pgBin, rounds: ROUNDS });
    const [plain, looking] = [median(plainMs), median(oursMs)];
    console.log(
      `${name}: plain ${(plain / 1_000).toFixed(2)} s, ours ${(looking / 1_000).toFixed(2)} s (medians of ${ROUNDS}), schemas ${same ? 'the same' : 'DIFFER'}`,
    );
    say(`overhead${name[0]!.toUpperCase()}${name.slice(1)}`, looking / plain, 1.3);
    say(`${name}SchemaDiffers`, same ? 0 : 1, 0);
  }
}

try {
  for (const { name, source } of [nobody, ours, ...others]) console.log(`${name}: ${source}`);
  console.log(`seeds 1 to ${SEEDS}, of ours 1 to ${OURS}\n`);
  if (ONLY !== 'overhead') for (const scenario of scenarios) await compare(scenario);
  const { url } = await server.freshDatabase();
  if (process.env.OVERHEAD !== 'no') await idle(withDatabase(url, 'postgres'));
  console.log(JSON.stringify({ ratios, goal }));
} finally {
  await server.stop();
}
