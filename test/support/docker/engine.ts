import { existsSync } from 'node:fs';
import { mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../../src/adapters/lock.js';
import { lastLines, plainEnvironment, startDaemon } from '../../../src/adapters/run.js';
import { shell } from '../../../src/adapters/shell.js';
import { end, identify, isAlive, type ProcessIdentity } from '../../../src/stack/process.js';
import { testHome } from '../test-stack.js';

const START_MS = 60_000;
const STARTS = 3;

/** A real Docker engine of the tests' own. Needs root, Debian's docker.io or its like, and no registry. */
export class Engine {
  /** What leads docker and docker-compose to it. */
  readonly env: Readonly<Record<string, string>>;

  constructor(private readonly folder: string) {
    this.env = {
      DOCKER_HOST: `unix://${join(folder, 'docker.sock')}`,
      DOCKER_CONFIG: join(folder, 'client'),
    };
  }

  /** Runs the docker CLI against it. @returns what it prints on standard output, trimmed */
  docker = async (...args: readonly string[]): Promise<string> =>
    (await shell({ file: 'docker', args, env: this.env })).stdout.trim();

  /** Starts it, if it does not run. */
  start = (): Promise<this> =>
    withLock(`${this.folder}.lock`, async () => {
      // It gives its containerd 15 seconds, which a busy machine may need for other things.
      for (let left = STARTS; !((await isAlive(await this.#noted())) && (await this.#answers())); left -= 1)
        await this.#start().catch((error: unknown) => {
          if (left <= 1) throw error;
        });
      return this;
    });

  /** Ends it, and all containers in it. What it keeps stays. */
  async stop(): Promise<void> {
    const running = await this.#noted();
    if (!running || !(await isAlive(running))) return;
    const ids = await this.docker('ps', '--all', '--quiet').catch(() => '');
    if (ids) await this.docker('rm', '--force', ...ids.split('\n')).catch(() => '');
    await end([running], [{ signal: 'SIGTERM', waitMs: 20_000 }]);
    await rm(this.#note, { force: true });
  }

  /** Ends it, and takes away all that it kept. */
  async remove(): Promise<void> {
    // One that was killed has left its containers at work.
    await this.start();
    await this.stop();
    // It leaves its folders mounted.
    const mounts = (await readFile('/proc/mounts', 'utf8'))
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    for (const path of mounts.filter((each) => each.startsWith(`${this.folder}/`)).toReversed())
      await shell({ file: 'umount', args: [path] });
    await rm(this.folder, { recursive: true, force: true });
    await rm(`${this.folder}.lock`, { force: true });
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const running = await this.#noted();
    if (running) await end([running], []);
  }

  get #note(): string {
    return join(this.folder, 'engine.json');
  }

  async #start(): Promise<void> {
    const { folder } = this;
    await mkdir(join(folder, 'client'), { recursive: true });
    await this.#forgetStalePids();
    await writeFile(join(folder, 'daemon.json'), '{}');
    const log = join(folder, 'dockerd.log');
    const started = await startDaemon({
      file: 'dockerd',
      args: [
        ...['--config-file', join(folder, 'daemon.json'), '--host', `unix://${join(folder, 'docker.sock')}`],
        ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
        ...['--pidfile', join(folder, 'dockerd.pid')],
        // The machine's firewall and its bridge are left alone. Published ports work by docker-proxy.
        ...['--bridge', 'none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'],
      ],
      folder,
      log,
      env: { PATH: `${plainEnvironment()['PATH']}:/usr/sbin:/sbin` },
    });
    await writeFile(this.#note, JSON.stringify(started.process));
    for (const until = performance.now() + START_MS; performance.now() < until; await sleep(50)) {
      if (await this.#answers()) return;
      if (!(await isAlive(started.process))) break;
    }
    throw new Error(`dockerd did not start: ${lastLines(await readFile(log, 'utf8'), 5)}`);
  }

  #answers = (): Promise<boolean> =>
    this.docker('version', '--format', '{{.Server.Version}}').then(
      (version) => version !== '',
      () => false,
    );

  async #noted(): Promise<ProcessIdentity | undefined> {
    const text = await readFile(this.#note, 'utf8').catch(() => '');
    return text ? (JSON.parse(text) as ProcessIdentity) : undefined;
  }

  /** After a kill -9 both pid files stay, and dockerd 20.10 takes a corpse that is not fetched yet for a living server. */
  async #forgetStalePids(): Promise<void> {
    for (const [path, program] of [
      [join(this.folder, 'dockerd.pid'), 'dockerd'],
      [join(this.folder, 'exec', 'containerd', 'containerd.pid'), 'containerd'],
    ] as const) {
      if (!existsSync(path)) continue;
      const pid = (await readFile(path, 'utf8')).trim();
      const runs = await readlink(`/proc/${pid}/exe`).catch(() => '');
      if (!runs.includes(program)) await rm(path);
      else if (program === 'containerd') await endLeft(Number(pid));
    }
  }
}

/** dockerd starts its own. */
async function endLeft(pid: number): Promise<void> {
  const left = await identify(pid);
  if (left) await end([left], [{ signal: 'SIGTERM', waitMs: 5_000 }]);
}

/** That of all tests. It outlives a run of jest in what it keeps, so that images are built once; itself it ends with the run. */
export const engine = new Engine(`${testHome}.docker`);

/** Started by the first test that asks. */
export const dockerEngine = (): Promise<Engine> => engine.start();

export const stopEngine = (): Promise<void> => engine.stop();
