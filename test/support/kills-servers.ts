import { freePort } from '../../src/adapters/ports.js';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchAttributes } from '../../src/domain/search-attributes.js';
import { withClient } from '../../src/adapters/postgres/client.js';
import { down } from '../../src/stack/down.js';
import { clientEnvironment, databaseUrl } from '../../src/stack/environment.js';
import { listed } from '../../src/stack/process.js';
import type { ServerName, StackState } from '../../src/stack/state.js';
import { up } from '../../src/stack/up.js';
import { killAll } from './kills-processes.js';
import { runProgram, type Project } from './project.js';
import { projectPython, testVenv } from './servers.js';

/** A server of one test's own, that may be killed. */
export class OwnServer {
  #databases = 0;

  private constructor(
    readonly name: ServerName,
    readonly home: string,
    readonly state: StackState,
  ) {}

  static async start(name: 'postgres' | 'temporal'): Promise<OwnServer> {
    const home = await mkdtemp(join(tmpdir(), `lk-kills-${name}-`));
    await chmod(home, 0o755);
    return new OwnServer(name, home, await start(name, home));
  }

  /** kill -9 of it and of all its processes. @returns how many there were */
  async kill(): Promise<number> {
    const server = this.state[this.name]!;
    const isOurs = ({ pid, folder }: { pid: number; folder: string }) =>
      pid === server.process?.pid || folder.startsWith(server.folder);
    const pids = (await listed()).filter(isOurs).map(({ pid }) => pid);
    killAll(pids);
    return pids.length;
  }

  /** Starts it again, with its data and on its port. */
  async again(): Promise<void> {
    Object.assign(this.state, await start(this.name, this.home));
  }

  /** What finds Temporal there. */
  get environment(): Record<string, string> {
    return clientEnvironment(this.state);
  }

  /** A fresh database at the first revision of the test projects. */
  async database(project: { path: Project['path'] }): Promise<string> {
    const name = `t_${(this.#databases += 1)}`;
    const url = (database: string) => databaseUrl(this.state.postgres!, database);
    await withClient(url('postgres'), { applicationName: 'test' }, (client) =>
      client.query(`create database ${name}`),
    );
    const ran = await runProgram(projectPython, ['-m', 'alembic', 'upgrade', 'head'], {
      cwd: project.path('releases', 'r1'),
      env: { DATABASE_URL: url(name) },
      ms: 60_000,
    });
    if (ran.code !== 0) throw new Error(ran.err);
    return url(name);
  }

  async close(): Promise<void> {
    await down({ home: this.home, erase: true });
    await rm(this.home, { recursive: true, force: true });
  }
}

/**
 * On ports that nobody else would try first: the usual ones are free while the server is away, and whoever
 * starts another one then would take them.
 */
async function start(name: ServerName, home: string): Promise<StackState> {
  const known = portsOf.get(home) ?? {
    postgres: await freePort(),
    temporal: await freePort(),
    temporalUi: await freePort(),
  };
  portsOf.set(home, known);
  const { postgres, temporal, temporalUi } = known;
  const ports = name === 'postgres' ? { postgres } : { temporal, temporalUi };
  const attributes = name === 'temporal' ? { searchAttributes } : {};
  return up({ home, venv: await testVenv(), servers: [name], ports, ...attributes });
}

const portsOf = new Map<string, { postgres: number; temporal: number; temporalUi: number }>();
