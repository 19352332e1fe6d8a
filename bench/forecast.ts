/** npm run bench:forecast: what the rehearsal tells of locks and of how long they are held, against the real run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { stringify } from 'yaml';
import { backUp } from '../src/activities/back-up.js';
import { planFor } from '../src/activities/check.js';
import { homeAt } from '../src/activities/home.js';
import { startAhead } from '../src/activities/rehearsal-run.js';
import { rehearse } from '../src/activities/rehearse.js';
import { revisionsOf } from '../src/activities/standing.js';
import { lockModes, type LockMode } from '../src/domain/plan.js';
import { modeInWords, type TracedStatement } from '../src/domain/trace.js';
import { tools } from '../src/stack/tools.js';
import { ENV_PY, INI, revisionFile } from '../test/support/alembic-files.js';
import { installedPostgres } from '../test/support/installed-postgres.js';
import { projectPython } from '../test/support/servers.js';
import { leave, testHome } from '../test/support/test-stack.js';
import { cases, tables, type ForecastCase } from './forecast-cases.js';

/** Rows of a "million"; for a look whether it works at all, fewer. */
const MILLION = Number(process.env.ROWS ?? 1_000_000);
/** As many may be off as of 20 two may. */
const ALLOWED_OFF = Math.floor(cases.length / 10);
const WITHIN = 0.3;
/** Of what is held for less than this, the difference is the machine's. */
const NOISE_MS = 50;

const VERSION =
  "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('0001_first')";

interface Held {
  lock: LockMode | null;
  ms: number;
}

interface Outcome extends Pick<ForecastCase, 'name'> {
  told: Held;
  real: Held;
}

mkdirSync(testHome, { recursive: true });
const { pgBin } = tools(dirname(dirname(projectPython)));
// Flushed to disk as a database that somebody needs, and as the copy of one.
const server = await installedPostgres(pgBin, { fsync: 'on' });
const outcomes: Outcome[] = [];
try {
  for (const each of cases) {
    outcomes.push(await tried(each));
    console.log(line(outcomes.at(-1)!));
  }
  const wrong = outcomes.filter(({ told, real }) => told.lock !== real.lock).length;
  const off = outcomes.filter(isOff).length;
  console.log(`${wrong} of ${outcomes.length} lock modes wrong, ${off} hold times off by more than 30 %`);
  const ratios = { lockModesWrong: wrong, holdTimesOffToAllowed: off / ALLOWED_OFF };
  console.log(JSON.stringify({ ratios, goal: { lockModesWrong: 0, holdTimesOffToAllowed: 1 } }));
} finally {
  await server.stop();
  await leave();
}

function isOff({ told, real }: Outcome): boolean {
  const difference = Math.abs(told.ms - real.ms);
  return difference > NOISE_MS && difference > WITHIN * real.ms;
}

function line(outcome: Outcome): string {
  const { name, told, real } = outcome;
  const shown = ({ lock, ms }: Held) =>
    `${(lock ?? 'none').padEnd(24)} ${String(Math.round(ms)).padStart(7)} ms`;
  const mark = told.lock !== real.lock ? 'WRONG' : isOff(outcome) ? 'off' : '';
  return `${name.padEnd(44)} ${shown(told)}   ${shown(real)}   ${(told.ms / Math.max(1, real.ms)).toFixed(2)} ${mark}`;
}

/** One migration: rehearsed on a copy from a backup, then run in the database itself. */
async function tried({ name, millions, up }: ForecastCase): Promise<Outcome> {
  const database = await server.freshDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'lk-forecast-'));
  try {
    await query(database.url, tables(millions * MILLION));
    await query(database.url, 'VACUUM ANALYZE');
    writeProject(folder, up);
    process.env.DATABASE_URL = database.url;
    const home = homeAt(join(folder, 'lockkeeper.yaml'));
    const target = home.target();
    const work = { signal: new AbortController().signal, progress: () => undefined, attempt: 1 };
    await query(database.url, VERSION);
    const plan = await planFor(target, { name: 'r2', running: null }, work);
    const ids = { target: 'bench', runId: 'run-1', planHash: plan.planHash };
    const { note: _, ...backup } = await backUp(home, ids, work);
    const { seen } = await rehearse(home, { ...ids, backup }, work);
    await query(database.url, 'CHECKPOINT');
    const { identity, revisions } = await revisionsOf(target, plan.versionTable, work.signal);
    const { traced } = await startAhead('forward', {
      project: target.project('r2'),
      ...{ revisions: ['0002_case'], applicationName: 'bench', lockTimeoutMs: 60_000, trace: true },
      ...{ log: () => undefined, signal: work.signal },
    }).go({ expectFrom: revisions, expectDatabase: identity });
    return { name, told: strongest(seen.statements), real: strongest(traced) };
  } finally {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The strongest lock on `big`, and for how long the longest of those was held. */
function strongest(traced: readonly TracedStatement[]): Held {
  const held: Held = { lock: null, ms: 0 };
  for (const { trace, heldMs } of traced)
    for (const [relation, , mode] of trace?.locks ?? []) {
      const lock = modeInWords(mode) as LockMode;
      if (relation !== 'public.big' || strength(lock) < strength(held.lock)) continue;
      held.ms = lock === held.lock ? Math.max(held.ms, heldMs) : heldMs;
      held.lock = lock;
    }
  return held;
}

function strength(lock: LockMode | null): number {
  return lock === null ? -1 : lockModes.indexOf(lock);
}

function writeProject(folder: string, up: readonly string[]): void {
  const release = join(folder, 'releases/r2');
  mkdirSync(join(release, 'migrations/versions'), { recursive: true });
  writeFileSync(join(release, 'alembic.ini'), INI);
  writeFileSync(join(release, 'migrations/env.py'), ENV_PY);
  const first = { id: '0001_first', up: 'pass', down: 'pass' };
  const second = {
    id: '0002_case',
    up: up.map((sql) => `op.execute("""${sql}""")`).join('\n    '),
    down: 'raise NotImplementedError()',
  };
  const write = (name: string, text: string) =>
    writeFileSync(join(release, 'migrations/versions', `${name}.py`), text);
  write(first.id, revisionFile(first, undefined));
  write(second.id, revisionFile(second, first.id));
  const environment = { DATABASE_URL: '${DATABASE_URL}' };
  const bench = {
    database: { url: '${DATABASE_URL}' },
    alembic: { python: projectPython, project: 'releases/{release}', environment },
    backup: { tools: pgBin },
    rehearsal: { compareUpToGiB: 0 },
  };
  writeFileSync(join(folder, 'lockkeeper.yaml'), stringify({ version: 1, targets: { bench } }));
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
