import { existsSync } from 'node:fs';
import { mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../../src/adapters/lock.js';
import { lastLines, plainEnvironment, startDaemon } from '../../../src/adapters/run.js';
import { shell } from '../../../src/adapters/shell.js';
import { end, isAlive, type ProcessIdentity } from '../../../src/stack/process.js';
import { testHome } from '../test-stack.js';

/** A real Docker engine of the tests' own. */
export interface Engine {
  /** What leads docker and docker-compose to it. */
  env: Readonly<Record<string, string>>;
  /** Runs the docker CLI against it. @returns what it prints on standard output, trimmed */
  docker(...args: readonly string[]): Promise<string>;
}

/** Outlives a run of jest, so that images are built once; the engine itself ends with the run. */
const folder = `${testHome}.docker`;
const note = join(folder, 'engine.json');
const socket = join(folder, 'docker.sock');
const log = join(folder, 'dockerd.log');
const config = join(folder, 'client');
const START_MS = 60_000;

const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: config };

export const engine: Engine = {
  env,
  docker: async (...args) => (await shell({ file: 'docker', args, env })).stdout.trim(),
};

/** The engine, started by the first test that asks. Needs root, Debian's docker.io or its like, and no registry. */
export const dockerEngine = (): Promise<Engine> =>
  withLock(`${folder}.lock`, async () => {
    if (!((await isAlive(await noted())) && (await answers()))) await start();
    return engine;
  });

/** Ends it, and all containers in it. What it keeps stays. */
export async function stopEngine(): Promise<void> {
  const running = await noted();
  if (!running || !(await isAlive(running))) return;
  const ids = await engine.docker('ps', '--all', '--quiet').catch(() => '');
  if (ids) await engine.docker('rm', '--force', ...ids.split('\n')).catch(() => '');
  await end([running], [{ signal: 'SIGTERM', waitMs: 20_000 }]);
  await rm(note, { force: true });
}

async function start(): Promise<void> {
  await mkdir(config, { recursive: true });
  await forgetStalePids();
  await writeFile(join(folder, 'daemon.json'), '{}');
  const started = await startDaemon({
    file: 'dockerd',
    args: [
      ...['--config-file', join(folder, 'daemon.json'), '--host', `unix://${socket}`],
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
      ...['--pidfile', join(folder, 'dockerd.pid')],
      // The machine's firewall and its bridge are left alone. Published ports work by docker-proxy.
      ...['--bridge', 'none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'],
    ],
    folder,
    log,
    env: { PATH: `${plainEnvironment()['PATH']}:/usr/sbin:/sbin` },
  });
  await writeFile(note, JSON.stringify(started.process));
  for (const until = performance.now() + START_MS; performance.now() < until; await sleep(50)) {
    if (await answers()) return;
    if (!(await isAlive(started.process))) break;
  }
  throw new Error(`dockerd did not start: ${lastLines(await readFile(log, 'utf8'), 5)}`);
}

const answers = (): Promise<boolean> =>
  engine.docker('version', '--format', '{{.Server.Version}}').then(
    (version) => version !== '',
    () => false,
  );

async function noted(): Promise<ProcessIdentity | undefined> {
  const text = await readFile(note, 'utf8').catch(() => '');
  return text ? (JSON.parse(text) as ProcessIdentity) : undefined;
}

/** After a kill -9 both pid files stay, and dockerd 20.10 takes a corpse that is not fetched yet for a living server. */
async function forgetStalePids(): Promise<void> {
  for (const [path, program] of [
    [join(folder, 'dockerd.pid'), 'dockerd'],
    [join(folder, 'exec', 'containerd', 'containerd.pid'), 'containerd'],
  ] as const) {
    if (!existsSync(path)) continue;
    const pid = (await readFile(path, 'utf8')).trim();
    const runs = await readlink(`/proc/${pid}/exe`).catch(() => '');
    if (!runs.includes(program)) await rm(path);
    else if (program === 'containerd') await endLeft(Number(pid));
  }
}

/** dockerd starts its own. */
async function endLeft(pid: number): Promise<void> {
  const { identify } = await import('../../../src/stack/process.js');
  const left = await identify(pid);
  if (left) await end([left], [{ signal: 'SIGTERM', waitMs: 5_000 }]);
}
