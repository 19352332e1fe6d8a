import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { stringify } from 'yaml';
import { planFor } from '../../../src/activities/check.js';
import { homeAt } from '../../../src/activities/home.js';
import { upgrade } from '../../../src/activities/upgrade.js';
import type { Blocked, StallOptions } from '../../../src/domain/blocked.js';
import { isBlocked } from '../../../src/domain/blocked.js';
import { Problem } from '../../../src/domain/problem.js';
import type { TestProject } from './project.js';

/** A plan of a project, ready to run. */
export interface Looking {
  /** Runs it, as the step of a run does. */
  upgrade: (stall?: StallOptions, signal?: AbortSignal) => Promise<string>;
  /** What people were told meanwhile. */
  said: string[];
  planHash: string;
  runId: string;
  home: ReturnType<typeof homeAt>;
}

/** Checks the project as it is now. @param alembic - settings of its `alembic` section */
export async function looking(project: TestProject, alembic: object = {}): Promise<Looking> {
  const { python, cwd, environment } = project.alembic;
  await writeFile(join(cwd, 'url'), project.url);
  await writeFile(join(cwd, 'env-url'), environment['DATABASE_URL'] ?? '');
  const shop = {
    database: { url: 'file:url' },
    alembic: { python, project: cwd, environment: { DATABASE_URL: 'file:env-url' }, ...alembic },
  };
  const file = join(cwd, 'lockkeeper.yaml');
  await writeFile(file, stringify({ version: 1, targets: { shop } }));
  const home = homeAt(file);
  const said: string[] = [];
  const work = (signal = new AbortController().signal) => ({
    ...{ signal, attempt: 1, progress: (text: string) => void said.push(text) },
  });
  const { planHash } = await planFor(home.target('shop'), { name: 'r', running: null }, work());
  const runId = `run-${project.name}`;
  return {
    ...{ said, home, planHash, runId },
    upgrade: async (stall, signal) => {
      const input = { target: 'shop', runId, planHash, ...(stall ? { stall } : {}) };
      return (await upgrade(home, input, work(signal))).note;
    },
  };
}

/** What it is blocked by. @throws what else came of it */
export async function blockedOf(running: Promise<unknown>): Promise<Blocked> {
  const error: unknown = await running.then(
    () => new Error('it was not blocked'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof Problem && isBlocked(error.facts)) return error.facts;
  throw error;
}

/** Clients that each change one row at a time, at a steady pace: what they wait counts from when they were due. */
export class Load {
  readonly #clients: pg.Client[] = [];
  readonly #over: Promise<void>[] = [];
  #going = true;
  #worstMs = 0;
  #besideMs = 0;
  done = 0;

  /**
   * What the worst of them waited more than one that wants no table: a machine that is busy keeps all of them waiting.
   */
  get worstMs(): number {
    return Math.max(0, this.#worstMs - this.#besideMs);
  }

  static async start(url: string, { clients = 8, perSecond = 60, table = 'orders' } = {}): Promise<Load> {
    const load = new Load();
    for (let at = 0; at < clients; at += 1) {
      const client = new pg.Client(url);
      client.on('error', () => undefined);
      await client.connect();
      load.#clients.push(client);
      const everyMs = (1_000 * clients) / perSecond;
      load.#over.push(at === 0 ? load.#beside(client, everyMs) : load.#work(client, at, everyMs, table));
    }
    return load;
  }

  async #work(client: pg.Client, at: number, everyMs: number, table: string): Promise<void> {
    for await (const due of this.#pace((at * everyMs) / 8, everyMs)) {
      await client.query(`UPDATE ${table} SET n = n + 1 WHERE id = ${1 + (this.done % 50)}`);
      this.#worstMs = Math.max(this.#worstMs, performance.now() - due);
      this.done += 1;
    }
  }

  async #beside(client: pg.Client, everyMs: number): Promise<void> {
    for await (const due of this.#pace(0, everyMs)) {
      await client.query('SELECT 1');
      this.#besideMs = Math.max(this.#besideMs, performance.now() - due);
    }
  }

  async *#pace(firstMs: number, everyMs: number): AsyncGenerator<number> {
    for (let due = performance.now() + firstMs; this.#going; due += everyMs) {
      await sleep(Math.max(0, due - performance.now()));
      yield due;
    }
  }

  async stop(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#over);
    await Promise.all(this.#clients.map((client) => client.end()));
  }
}

/** Reads the table in a transaction that stays open for so long. @returns when it has ended */
export async function reader(
  project: TestProject,
  ms: number,
  sql = 'SELECT count(*) FROM orders',
): Promise<number> {
  const client = new pg.Client({ connectionString: project.url, application_name: 'a report' });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await sleep(ms);
    await client.query('COMMIT');
    return performance.now();
  } finally {
    await client.end();
  }
}

export const ORDERS =
  'create table orders (id int primary key, n int not null default 0); ' +
  'insert into orders select i, 0 from generate_series(1, 50) i; ' +
  'create table alembic_version (version_num varchar(32) primary key)';
