import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { workerDidNotStart } from '../domain/problems/worker.js';
import { placeOf } from './place.js';
import { end, isAlive, type ProcessIdentity } from './process.js';
import { lastLines, startDaemon } from '../adapters/run.js';

export interface WorkerDaemon {
  process: ProcessIdentity;
  log: string;
}

export interface StartWorker {
  /** The folder of lockkeeper.yaml. */
  home: string;
  /** dist/cli.js. */
  cli: string;
  /** With what the settings refer to: the worker resolves secrets from its own environment. */
  env: Readonly<Record<string, string>>;
}

/** What a worker prints when it polls. */
export const READY = 'worker is ready';
const READY_MS = 30_000;
const LOOK_EVERY_MS = 50;
/** A step that runs is let finish by a worker; `down` waits this long for it, and what was cut off is settled later. */
const STOP_MS = 15_000;

/**
 * Starts a worker that lives on when this process ends; harmless when one runs.
 *
 * @throws Problem `worker-did-not-start` with its last words
 */
export async function startWorker({ home, cli, env }: StartWorker): Promise<WorkerDaemon> {
  const known = await workerDaemon(home);
  if (known) return known;
  const place = placeOf(home);
  const log = join(place.logs, 'worker.log');
  const args = [cli, 'worker'];
  const { process: started, logFrom } = await startDaemon({
    file: process.execPath,
    args,
    folder: place.home,
    log,
    env,
  });
  await writeFile(stateOf(home), JSON.stringify({ process: started, log }), { mode: 0o600 });
  const until = Date.now() + READY_MS;
  for (;;) {
    const said = (await readFile(log)).subarray(logFrom).toString();
    if (said.includes(READY)) return { process: started, log };
    if (!(await isAlive(started)) || Date.now() > until) throw workerDidNotStart(lastLines(said, 8), log);
    await sleep(LOOK_EVERY_MS);
  }
}

/** The worker that runs, when one does. */
export async function workerDaemon(home: string): Promise<WorkerDaemon | undefined> {
  const text = await readFile(stateOf(home), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const daemon = JSON.parse(text) as WorkerDaemon;
  return (await isAlive(daemon.process)) ? daemon : undefined;
}

/** Stops it. Harmless when none runs. @returns whether one did */
export async function stopWorker(home: string): Promise<boolean> {
  const daemon = await workerDaemon(home);
  if (daemon) await end([daemon.process], [{ signal: 'SIGTERM', waitMs: STOP_MS }]);
  await rm(stateOf(home), { force: true });
  return daemon !== undefined;
}

const stateOf = (home: string) => join(placeOf(home).folder, 'worker.json');
