import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { stringify } from 'yaml';
import { searchAttributes } from '../../src/domain/search-attributes.js';
import type { RunRecord } from '../../src/domain/record.js';
import { clientEnvironment } from '../../src/stack/environment.js';
import { ENV_PY, INI, revisionFile, type Revision } from './alembic-files.js';
import { keepHistories } from './histories.js';
import { freshDatabase, projectPython, servers, templateDatabase, type TestServers } from './servers.js';
import { root } from './test-stack.js';

const cliFile = join(root, 'dist', 'cli.js');

/** Releases by name, each with the revisions that it adds to those before it. */
export type Releases = Readonly<Record<string, readonly Revision[]>>;

export interface ProjectOptions {
  releases?: Releases;
  /** Database to begin with, as `templateDatabase` names it; default: one at FIRST. */
  template?: string;
  /** Merged over the target's settings. */
  settings?: Record<string, unknown>;
  /** Extra environment of the CLI and the worker. */
  env?: Record<string, string>;
}

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

export interface Worker {
  child: ChildProcess;
  /** Ends it politely, and waits. */
  stop: () => Promise<void>;
  /** kill -9. */
  kill: () => Promise<void>;
}

/** A table `orders` with 1,000 rows at revision 0001: what every project starts from. */
export const FIRST: Revision = {
  id: '0001_first',
  up: `op.execute("create table orders (id bigint generated always as identity primary key, total numeric not null)")
    op.execute("insert into orders (total) select g from generate_series(1, 1000) g")`,
  down: `op.execute("drop table orders")`,
};

/** Adds a nullable column and a table: low. */
export const HARMLESS: Revision = {
  id: '0002_gifts',
  up: `op.add_column("orders", sa.Column("gift_note", sa.Text()))
    op.create_table("coupons", sa.Column("code", sa.Text(), primary_key=True))`,
  down: `op.drop_table("coupons")
    op.drop_column("orders", "gift_note")`,
};

/**
 * A project as a user has it: an Alembic project in a folder for each release, lockkeeper.yaml, an application
 * that is a file with the name of the release that "runs" and answers for it over HTTP. Its own database, task
 * queue and target name, so that tests do not meet.
 */
export class Project {
  readonly target = `shop-${randomBytes(4).toString('hex')}`;
  readonly workflowId = `lockkeeper:${this.target}`;
  readonly #workers: Worker[] = [];

  private constructor(
    readonly home: string,
    readonly url: string,
    readonly servers: TestServers,
    readonly env: Record<string, string>,
    readonly close: () => Promise<void>,
  ) {}

  static async make(options: ProjectOptions = {}): Promise<Project> {
    const running = await servers(searchAttributes);
    const template = options.template ?? (await templateDatabase('lk_first', upgradeToFirst));
    const database = await freshDatabase(template);
    const home = await mkdtemp(join(tmpdir(), 'lk-project-'));
    const app = await serveRelease(home);
    const env = {
      ...clientEnvironment({ home, notes: [], temporal: running.temporal }),
      DATABASE_URL: database.url,
      LOCKKEEPER_USER: 'ana@example.com',
      ...options.env,
    };
    const project = new Project(home, database.url, running, env, async () => {
      const record = process.env['LOCKKEEPER_RECORD'];
      if (record) await keepHistories((args) => project.temporal(args), project.target, record);
      for (const worker of project.#workers) await worker.kill();
      await app.close();
      await database.drop();
      await rm(home, { recursive: true, force: true });
    });
    await writeReleases(home, options.releases ?? { r2: [HARMLESS] });
    await project.configure(options.settings ?? {}, app.port);
    return project;
  }

  /** Writes lockkeeper.yaml: settings of the target over those that work. */
  async configure(settings: Record<string, unknown>, port?: number): Promise<void> {
    const health = {
      url: `http://127.0.0.1:${port}/health`,
      expect: { release: '{release}' },
      deadlineSeconds: 5,
    };
    const target = {
      database: { url: '${DATABASE_URL}' },
      release: { running: 'cat running' },
      alembic: {
        python: projectPython,
        project: 'releases/{release}',
        environment: { DATABASE_URL: '${DATABASE_URL}' },
      },
      deploy: { commands: ['printf %s "$LOCKKEEPER_RELEASE" > running'] },
      ...(port ? { health } : {}),
      verify: [
        {
          name: 'orders of before are unchanged',
          mark: 'select max(id) from orders',
          sql: 'select count(*), sum(total) from orders where id <= {mark}',
          unchanged: true,
        },
      ],
      backup: { tools: this.servers.tools.pgBin },
      ...settings,
    };
    const all = { version: 1, taskQueue: this.target, targets: { [this.target]: target } };
    await writeFile(join(this.home, 'lockkeeper.yaml'), stringify(all));
  }

  /** Calls the CLI as a user would, in the project's folder. @param as - another user of this machine, by id */
  cli(
    args: readonly string[],
    { env = {}, ms = 60_000, as }: { env?: Record<string, string>; ms?: number; as?: number } = {},
  ): Promise<Ran> {
    return runProgram(process.execPath, [cliFile, ...args], {
      cwd: this.home,
      env: { ...this.env, ...env },
      ms,
      as,
    });
  }

  /** Calls the `temporal` CLI. */
  temporal(args: readonly string[]): Promise<Ran> {
    return runProgram(this.servers.tools.temporal, args, { cwd: this.home, env: this.env, ms: 60_000 });
  }

  /** Starts a worker and waits until it listens. @param as - another user of this machine, by id */
  async worker(env: Record<string, string> = {}, as?: number): Promise<Worker> {
    const child = spawn(process.execPath, [cliFile, 'worker'], {
      cwd: this.home,
      ...userOf(as),
      env: { ...process.env, ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = collect(child);
    const worker: Worker = {
      child,
      stop: () => end(child, 'SIGTERM'),
      kill: () => end(child, 'SIGKILL'),
    };
    this.#workers.push(worker);
    await until(() => said.out.includes('worker is ready') || child.exitCode !== null, 60_000, 'a worker');
    if (child.exitCode !== null) throw new Error(`the worker ended: ${said.out}${said.err}`);
    return worker;
  }

  /** kill -9 to all workers. */
  async killWorkers(): Promise<void> {
    for (const worker of this.#workers) await worker.kill();
  }

  /** Ends all workers politely, and waits. */
  async stopWorkers(): Promise<void> {
    for (const worker of this.#workers) await worker.stop();
  }

  /** The record of the last run, from the state folder. */
  async record(): Promise<RunRecord> {
    const { out, err } = await this.cli(['report', this.target, '--json']);
    if (!out) throw new Error(err);
    return JSON.parse(out) as RunRecord;
  }

  running = (): Promise<string> => readFile(join(this.home, 'running'), 'utf8').catch(() => '');
  path = (...parts: string[]): string => join(this.home, ...parts);
}

async function upgradeToFirst(url: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lk-first-'));
  await writeReleases(folder, {});
  const ran = await runProgram(projectPython, ['-m', 'alembic', 'upgrade', 'head'], {
    cwd: join(folder, 'releases', 'r1'),
    env: { DATABASE_URL: url },
    ms: 60_000,
  });
  await rm(folder, { recursive: true });
  if (ran.code !== 0) throw new Error(ran.err);
}

/** r1 has the first revision; each further release those of the ones before it, and its own. */
async function writeReleases(home: string, releases: Releases): Promise<void> {
  const chain: Revision[] = [];
  for (const [name, added] of Object.entries({ r1: [FIRST], ...releases })) {
    chain.push(...added);
    const folder = join(home, 'releases', name);
    await mkdir(join(folder, 'migrations', 'versions'), { recursive: true });
    await writeFile(join(folder, 'alembic.ini'), INI);
    await writeFile(join(folder, 'migrations', 'env.py'), ENV_PY);
    for (const [index, revision] of chain.entries()) {
      const file = join(folder, 'migrations', 'versions', `${revision.id}.py`);
      await writeFile(file, revisionFile(revision, chain[index - 1]?.id));
    }
  }
  await writeFile(join(home, 'running'), 'r1');
  await chmod(home, 0o755);
}

/** The application: says which release runs. */
async function serveRelease(home: string): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((_, response) => {
    void readFile(join(home, 'running'), 'utf8').then(
      (release) => response.end(JSON.stringify({ status: 'ok', release })),
      () => response.writeHead(503).end('nothing runs'),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { port: (server.address() as AddressInfo).port, close };
}

/** Runs a program to its end; one that takes longer is killed, and its code is null. */
export async function runProgram(
  file: string,
  args: readonly string[],
  { cwd, env, ms, as }: { cwd: string; env: Record<string, string>; ms: number; as?: number | undefined },
): Promise<Ran> {
  const child = spawn(file, args, {
    cwd,
    ...userOf(as),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = collect(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, ...said };
}

/** Of a user and the group that has the same id, and of no other one. */
const userOf = (id: number | undefined) => (id === undefined ? {} : { uid: id, gid: id });

function collect(child: ChildProcess): { out: string; err: string } {
  const said = { out: '', err: '' };
  child.stdout?.on('data', (data: Buffer) => (said.out += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (said.err += data.toString()));
  return said;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, 'close');
  child.kill(signal);
  await over;
}

/** Waits until something is so. */
export async function until(
  is: () => boolean | Promise<boolean>,
  ms: number,
  what: string,
  everyMs = 50,
): Promise<void> {
  const last = Date.now() + ms;
  while (!(await is())) {
    if (Date.now() > last) throw new Error(`${what} did not come within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
