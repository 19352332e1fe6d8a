import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fill } from '../../../src/activities/backfill/fill.js';
import { Problem } from '../../../src/domain/problem.js';
import { patience, sample, together, whole } from '../../support/kills-sample.js';
import { randomFrom } from '../../support/random.js';
import { freshDatabase } from '../../support/servers.js';
import { root } from '../../support/test-stack.js';
import { functions } from './project.js';
import { ID, open, options, query } from './support.js';

/** Each row once, none missing: the expression is one that tells when it was done twice. */
jest.setTimeout(240_000 * patience * (whole ? 10 : 1));

const ROWS = 12_000;
/** Who is killed, and by what the values come about. A worker takes a second to start; a session does not. */
const KINDS = [
  { kills: 'the worker', times: 2, by: 'SQL' },
  { kills: 'its session', times: 6, by: 'SQL' },
  { kills: 'its Python', times: 1, by: 'Python' },
  { kills: 'the worker', times: 2, by: 'Python' },
  { kills: 'its session', times: 6, by: 'Python' },
] as const;
const SEEDS = Array.from({ length: 50 }, (_, seed) => ({ seed, ...KINDS[seed % KINDS.length]! }));
const batch = { targetMs: 10, first: 50, least: 50, most: 100 };
const WAYS = {
  SQL: { table: 'rows', set: { n: 'n + 1' }, batch },
  Python: { table: 'rows', python: { function: 'fills:once', reads: ['n'], writes: ['n'] }, batch },
};
type Project = Awaited<ReturnType<typeof functions>>;

async function filled(by: keyof typeof WAYS): Promise<Awaited<ReturnType<typeof freshDatabase>>> {
  const database = await freshDatabase();
  await query(
    database.url,
    `CREATE TABLE rows (a int, b uuid DEFAULT gen_random_uuid(), n int NOT NULL DEFAULT 0, PRIMARY KEY (a, b));
     INSERT INTO rows (a) SELECT i / 7 FROM generate_series(1, ${ROWS}) i`,
  );
  await open(database.url, WAYS[by]);
  return database;
}

/** When somebody is killed: after so many turns, and a moment. */
interface When {
  turns: number;
  ms: number;
}

/** kill -9 of a worker at its work. @returns whether it came in time: on a busy machine the work may be over before */
async function killWorker(url: string, project: Project, { turns, ms }: When): Promise<boolean> {
  const child = spawn(
    process.execPath,
    ['scripts/run-ts.mjs', 'test/services/backfill/killed-fill.ts', url, project.cwd],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const over = once(child, 'close');
  let seen = 0;
  await new Promise<void>((resolve) => {
    child.stdout.on(
      'data',
      (data: Buffer) => (seen += data.toString().split('\n').length - 1) >= turns && resolve(),
    );
    child.once('close', () => resolve());
  });
  await sleep(ms);
  child.kill('SIGKILL');
  const [code, signal] = (await over) as [number | null, string | null];
  if (code !== 0) expect(signal).toBe('SIGKILL');
  return code !== 0;
}

const END = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name LIKE 'lockkeeper:shop:fill:%work'`;

/** Ends the session that is at work, as a server that dies would. @returns whether it came in time */
async function killSession(url: string, project: Project, { turns, ms }: When): Promise<boolean> {
  let killing: Promise<unknown> | undefined;
  let seen = 0;
  const progress = () => {
    seen += 1;
    if (seen >= turns) killing ??= sleep(ms).then(() => query(url, END));
  };
  const code = await fill(url, options({ project, progress })).then(
    () => 'over',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );
  await killing;
  expect(['connection-lost', 'over']).toContain(code);
  return code !== 'over';
}

/** kill -9 of Python again and again: the same worker starts another one. @returns whether any kill came in time */
async function killPython(url: string, project: Project, { turns, ms }: When): Promise<boolean> {
  const pid = async () => Number(await readFile(join(project.cwd, 'pid'), 'utf8').catch(() => '0'));
  const killed = new Set<number>();
  let [seen, killing] = [0, Promise.resolve()];
  const kill = async () => {
    await sleep(ms);
    const found = await pid();
    // One that has ended already may have left its number to somebody else.
    if (!found || killed.has(found)) return;
    killed.add(found);
    process.kill(found, 'SIGKILL');
  };
  const progress = () => {
    seen += 1;
    if (seen % (10 + turns) === 0 && killed.size < 4) killing = killing.then(kill);
  };
  await fill(url, options({ project, progress }));
  await killing;
  return killed.size > 0;
}

const killers = { 'the worker': killWorker, 'its session': killSession, 'its Python': killPython };

async function whileKilled({ seed, kills, times, by }: (typeof SEEDS)[number]) {
  const [{ url, drop }, project] = await Promise.all([filled(by), functions()]);
  try {
    const random = randomFrom(seed + 1);
    let [killed, inTime] = [0, true];
    for (let time = 0; time < times && inTime; time += 1) {
      inTime = await killers[kills](url, project, { turns: 2 + Math.floor(random() * 12), ms: random() * 8 });
      killed += Number(inTime);
    }
    expect(killed).toBeGreaterThan(0);
    expect(await fill(url, options({ project }))).toMatchObject({ over: true });
    const [seen] = await query<{ once: string; other: string }>(
      url,
      'SELECT count(*) FILTER (WHERE n = 1) AS once, count(*) FILTER (WHERE n <> 1) AS other FROM rows',
    );
    const [journal] = await query<{ changed: string; phase: string }>(
      url,
      'SELECT changed, phase FROM lockkeeper_backfill.runs WHERE id = $1',
      [ID],
    );
    return { ...seen, ...journal };
  } finally {
    await drop();
    await project.remove();
  }
}

const cases = Object.keys(killers).flatMap((who) =>
  sample(
    SEEDS.filter(({ kills }) => kills === who),
    1,
  ),
);
const result = together(cases, whileKilled, whole ? 2 : 1);

it.each(cases.map((each, index) => ({ ...each, index })))(
  'each row is done once, though $kills is killed again and again, by $by (seed $seed)',
  async ({ index }) => {
    expect(await result(index)).toEqual({
      once: String(ROWS),
      other: '0',
      changed: String(ROWS),
      phase: 'done',
    });
  },
);
