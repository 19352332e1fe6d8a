import { patience } from './kills-sample.js';
import { readdir, readFile, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { withClient, type Client } from '../../src/adapters/postgres/client.js';
import { fingerprint } from '../../src/adapters/postgres/fingerprint.js';
import type { RunRecord } from '../../src/domain/record.js';
import type { Revision } from './alembic-files.js';
import { serveHealth } from './kills-app.js';
import { writeKillFiles } from './kills-files.js';
import { killAll, processesIn } from './kills-processes.js';
import { ClosedScene } from './kills-closed.js';
import {
  DROPPING,
  plain,
  REVISION,
  testSchema,
  type Failing,
  type Instant,
  type Risk,
} from './kills-project.js';
import type { OwnServer } from './kills-servers.js';
import { Project, until, type ProjectOptions, type Ran, type Worker } from './project.js';
import { slowProxy, type SlowProxy } from './slow-proxy.js';

export interface SceneOptions extends ProjectOptions {
  /** `very-high`: the site is closed, and two people approve. Default: `low`. */
  risk?: Risk | undefined;
  /** Where the run is held. */
  hold?: Instant | undefined;
  /** Lets it fail late, so that all up to there is undone. */
  fails?: Failing | undefined;
  /** A server that is killed, in place of the shared one. */
  server?: OwnServer | undefined;
  /** In place of the usual one. */
  revision?: Revision | undefined;
  /** The bridge dies, once, when it says this, and nobody hears it. */
  dieOn?: string | undefined;
}

/** A project whose run can be held in the middle of a step, while something is killed. */
export class Scene {
  /** Schema before the run. */
  before = '';
  worker!: Worker;
  readonly #seen = new Set<string>();
  #said = ''; // the worker's last words

  private constructor(
    readonly project: Project,
    readonly url: string,
    readonly hold: Instant | undefined,
    readonly proxy: SlowProxy,
    readonly app: Server,
    readonly closed: ClosedScene | undefined,
  ) {}

  static async make(given: SceneOptions = {}): Promise<Scene> {
    const { risk = 'low', hold, fails, server, dieOn, revision, ...options } = given;
    const releases = { r2: [{ ...(risk === 'low' ? REVISION : DROPPING), ...revision }] };
    const project = await Project.make({
      releases,
      ...(server ? { env: server.environment } : {}),
      ...options,
    });
    if (server?.name === 'postgres') project.env['DATABASE_URL'] = await server.database(project);
    const database = new URL(project.env['DATABASE_URL']!);
    const proxy = await slowProxy(database.hostname, Number(database.port), isDump(hold));
    const app = await serveHealth(project, fails === 'health');
    const closed = risk === 'low' ? undefined : await ClosedScene.make(project, database.href, hold);
    const scene = new Scene(project, database.href, hold, proxy, app, closed);
    try {
      await scene.#prepare(fails, dieOn);
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  async #prepare(fails: Failing | undefined, dieOn: string | undefined): Promise<void> {
    const { project, proxy, app, hold } = this;
    const healthPort = (app.address() as AddressInfo).port;
    const settings = this.closed?.settings ?? {};
    await writeKillFiles(project, { hold, fails, dieOn, dumpPort: proxy.port, healthPort, settings });
    await this.query(testSchema(project.home));
    this.before = await this.schema();
    await this.startWorker();
  }

  /** Starts a deploy, and waits until it is held, where it is. */
  async start(): Promise<void> {
    await this.closed?.begin();
    const { code, err, out } = await this.deploy('--detach');
    if (code !== 0) throw new Error(err + out);
    if (this.hold) await this.reached(this.closed ? 150_000 : 90_000);
  }

  deploy = (...flags: readonly string[]): Promise<Ran> =>
    this.project.cli([
      'deploy',
      this.project.target,
      '--release',
      'r2',
      '--auto-migrate',
      '--backup',
      ...flags,
    ]);

  /** A command of the CLI about this target. */
  cli = (verb: string, ...flags: readonly string[]): Promise<Ran> =>
    this.project.cli([verb, this.project.target, ...flags]);

  /** Waits until somebody is held who was not before. */
  async reached(ms: number): Promise<void> {
    let found: string[] = [];
    const isNew = async () =>
      (found = (await this.#held()).filter((each) => !this.#seen.has(each))).length > 0;
    await this.#until(isNew, ms, `the hold at ${this.hold}`);
    for (const each of found) this.#seen.add(each);
  }

  /** Waits until somebody in the database waits for a lock. */
  queued = (): Promise<void> =>
    this.#until(
      async () =>
        (
          await this.query(
            "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
          )
        ).length > 0,
      30_000,
      'a session that waits for a lock',
    );

  /** Whoever is, or was, held: process ids, of PostgreSQL or of tools. */
  async #held(): Promise<string[]> {
    const other = await this.closed?.held().catch(() => []);
    if (other) return other;
    if (isDump(this.hold)) return this.proxy.holds() ? (await this.processes('/pg_dump')).map(String) : [];
    const ticks = await readFile(this.project.path(`ticks-${plain(this.hold!)}`), 'utf8').catch(() => '');
    if (ticks) return ticks.trim().split('\n');
    const sql = `select pid from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()
      and wait_event = 'PgSleep' and (datname = current_database() or starts_with(datname,
        'lk_copy_' || (select oid from pg_database where datname = current_database()) || '_'))`;
    return (await this.query<{ pid: number }>(sql).catch(() => [])).map(({ pid }) => String(pid));
  }

  async release(): Promise<void> {
    this.proxy.release();
    this.closed?.release();
    if (this.hold) await rm(this.project.path(`hold-${plain(this.hold)}`), { force: true });
  }

  /** kill -9 of the worker, and a new one. */
  async replaceWorker(): Promise<void> {
    await this.worker.kill();
    await this.startWorker();
  }

  async startWorker(): Promise<void> {
    this.worker = await this.project.worker();
    this.worker.child.stderr?.on('data', (data: Buffer) => (this.#said = data.toString().slice(-1_000)));
  }

  /** Processes that work in the project's folder, by a part of their command line. */
  processes = (part: string): Promise<number[]> => processesIn(this.project.home, part);

  /** kill -9 of all of them. @returns how many there were */
  async kill(part: string): Promise<number> {
    const pids = await this.processes(part);
    killAll(pids);
    return pids.length;
  }

  /** kill -9 of all that the worker runs. */
  async killTools(): Promise<void> {
    const workers = await this.processes('dist/cli.js');
    killAll((await this.processes('')).filter((pid) => !workers.includes(pid)));
  }

  /** Waits for the end of the run. @returns its record, from the state folder */
  async ended(ms: number): Promise<RunRecord> {
    const folder = this.project.path('.lockkeeper', 'records', this.project.target);
    const kept = async () => (await readdir(folder).catch(() => [])).find((name) => name.endsWith('.json'));
    await this.#until(async () => (await kept()) !== undefined, ms, `the end (held at ${this.hold})`);
    return JSON.parse(await readFile(join(folder, (await kept())!), 'utf8')) as RunRecord;
  }

  /** Tells how the run stands when what is waited for does not come. */
  #until = (is: () => Promise<boolean>, ms: number, what: string): Promise<void> =>
    until(is, ms * patience, what, 100).catch(async (error: Error) => {
      const { out, err } = await this.project.cli(['status', this.project.target]);
      const { exitCode, signalCode } = this.worker.child;
      throw new Error(
        `${error.message}; worker ${exitCode ?? signalCode ?? 'runs'}: ${this.#said}\n${out}${err}`,
      );
    });

  query = <R extends object>(sql: string): Promise<R[]> =>
    this.#connected(async (client) => (await client.query<R>(sql)).rows);

  schema = (): Promise<string> =>
    this.#connected(
      async (client) =>
        (await fingerprint(client, { versionTable: { name: 'alembic_version', schema: null } })).hash,
    );

  #connected = <T>(work: (client: Client) => Promise<T>): Promise<T> =>
    withClient(this.url, { applicationName: 'lockkeeper:test' }, work);

  async close(): Promise<void> {
    this.proxy.close();
    this.app.closeAllConnections();
    this.app.close();
    await this.closed?.close();
    await this.project.close();
  }
}

const isDump = (hold: Instant | undefined): boolean => hold === 'back up' || hold === 'back up again';
