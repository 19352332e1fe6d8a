import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { planFor } from '../../src/activities/check.js';
import { upgrade } from '../../src/activities/upgrade.js';
import { isBlocked } from '../../src/domain/blocked.js';
import { Problem } from '../../src/domain/problem.js';
import { holderText } from '../../src/domain/problems/lock-blocked.js';
import { lockkeeperHome, renderedSql, type Migrating } from './project.js';
import { peers, type Peer } from './peers.js';

/** Of all sessions that migrate: whoever is not done in time is ended by it. */
export const MIGRATION = 'the migration';

/** How a migration came out; `stopped`: by itself, with the names of those in its way. */
export type Outcome = { done: true } | { done: false; why: string; stopped?: { stalledMs: number } };

export interface Around {
  random: () => number;
  /** What people have approved; absent: what the plan says. */
  budgetMs?: number;
  /** Aborted when it takes too long: the sessions are ended. */
  signal: AbortSignal;
}

/** One way to run the migration. `prepare` does what may be done before anybody waits. */
export interface Strategy {
  name: string;
  source: string;
  prepare: (at: Migrating) => Promise<(around: Around) => Promise<Outcome>>;
}

/** The step `migrate` of a run as it is, but for Temporal: the plan is made, the activity runs it. */
export const ours: Strategy = {
  name: 'Lockkeeper',
  source: 'the activity `upgrade`, with its bridge',
  prepare: async (at) => {
    const home = lockkeeperHome(at);
    const work = (signal: AbortSignal) => ({ signal, attempt: 1, progress: () => undefined });
    const release = { name: 'r', running: null };
    const { planHash } = await planFor(home.target('shop'), release, work(new AbortController().signal));
    return async ({ budgetMs, signal }) => {
      const stall = budgetMs === undefined ? {} : { stall: { budgetMs } };
      try {
        await upgrade(home, { target: 'shop', runId: 'bench', planHash, ...stall }, work(signal));
        return { done: true };
      } catch (error) {
        if (!(error instanceof Problem) || !isBlocked(error.facts)) throw error;
        const { holders, stalledMs, reason } = error.facts;
        const why = `stopped (${reason}): ${holders.map(holderText).join('; ')}`;
        return { done: false, why, ...(holders.length ? { stopped: { stalledMs } } : {}) };
      }
    };
  },
};

/** What the machine alone does to the clients: the same run without a migration. */
export const nobody: Strategy = {
  name: '(no migration)',
  source: 'the clients and the readers alone, for 10 s',
  prepare: async () => async () => (await sleep(10_000), { done: true }),
};

const alembic: Strategy = {
  name: 'plain alembic',
  source: '`alembic upgrade head`, no lock_timeout',
  prepare: async ({ python, folder, url }) => {
    return async ({ signal }) => {
      const env = { ...process.env, DATABASE_URL: url, PGAPPNAME: MIGRATION };
      const child = spawn(python, ['-m', 'alembic', 'upgrade', 'head'], {
        cwd: folder,
        env,
        stdio: 'ignore',
      });
      const kill = () => void child.kill('SIGKILL');
      signal.addEventListener('abort', kill);
      const [code] = (await once(child, 'exit')) as [number | null];
      return code === 0 ? { done: true } : { done: false, why: `ended with ${code}` };
    };
  },
};

const scripted = (peer: Peer): Strategy => ({
  ...peer,
  prepare: async (at) => {
    const sql = await renderedSql(at);
    const connection = { connectionString: at.url, application_name: MIGRATION };
    return async (around) => {
      const [client, eyes] = [new pg.Client(connection), new pg.Client(connection)];
      for (const each of [client, eyes]) each.on('error', () => undefined);
      await Promise.all([client.connect(), eyes.connect()]);
      const look = () => untilFree(eyes, around.signal);
      return attempts(client, sql, peer, look, around).finally(() => Promise.all([client.end(), eyes.end()]));
    };
  },
});

async function attempts(
  client: pg.Client,
  sql: string,
  peer: Peer,
  look: () => Promise<void>,
  { random, signal }: Around,
): Promise<Outcome> {
  let tried = 0;
  for (const { lockTimeoutMs, pauseMs } of peer.attempts(random)) {
    tried += 1;
    if (peer.looksFirst) await look();
    try {
      await client.query(`SET lock_timeout = ${lockTimeoutMs}; BEGIN`);
      await client.query(`${sql}; COMMIT`);
      return { done: true };
    } catch (error) {
      if ((error as { code?: string }).code !== '55P03') throw error;
      await client.query('ROLLBACK');
    }
    await sleep(pauseMs, undefined, { signal });
  }
  return { done: false, why: `gave up after ${tried} attempts` };
}

/** Until no transaction older than a moment holds a lock on the table. */
async function untilFree(eyes: pg.Client, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { rowCount } = await eyes.query(`
      SELECT FROM pg_locks JOIN pg_stat_activity a USING (pid)
      WHERE relation = 'orders'::regclass AND granted AND a.xact_start < clock_timestamp() - interval '50 ms'`);
    if (rowCount === 0) return;
    await sleep(100, undefined, { signal });
  }
}

export const others: readonly Strategy[] = [alembic, ...peers.map(scripted)];
