import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { homeAt } from './activities/home.js';
import { createActivities } from './activities/index.js';
import { sendersFrom } from './senders.js';
import { temporalPlace, type TemporalPlace } from './client.js';
import { stateNotWritable } from './domain/problems/state.js';
import { noBundle, noNamespace, temporalUnreachable } from './domain/problems/temporal.js';
import { cannotListen } from './domain/problems/worker.js';
import { assertSearchAttributes } from './search-attributes.js';
import { healthOf, serveHealth } from './worker-health.js';

export interface WorkerOptions {
  /** Path of lockkeeper.yaml. */
  config?: string;
  /** Port for /healthz on loopback; none when it is not set. 0: any free one. */
  healthPort?: number;
  /** Address for /healthz. Default 127.0.0.1; a container needs 0.0.0.0. */
  healthHost?: string;
  onReady?: (about: { address: string; namespace: string; taskQueue: string }) => void;
  /** It was asked to stop, and lets so many steps finish. */
  onStopping?: (steps: number) => void;
}

/**
 * A worker that is asked to stop lets its running steps finish, because a migration that is cut off is worse
 * than a worker that stops late; after that time it gives up.
 */
const GRACE = '10 minutes';

/**
 * Each beat of a step is passed on: kept back for most of its time-out, as is usual, one lost beat would make a
 * step look dead, and a step would hear late that it is cancelled or that its answer is no longer wanted.
 */
const BEAT = '3 seconds';

/**
 * Runs a worker until it is told to stop (SIGINT, SIGTERM): the one place where real tools are put together.
 *
 * @throws Problem `temporal-unreachable`, `no-namespace`, `missing-search-attributes`, `no-bundle`,
 *   `state-not-writable`, `cannot-listen`, or faults of the settings
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const home = homeAt(options.config);
  const { state, taskQueue } = home.config();
  assertWritable(state);
  const place = temporalPlace(state);
  const { connection, TemporalWorker } = await connectNatively(place);
  let worker: Worker | undefined;
  let health: { close: () => Promise<void> } | undefined;
  try {
    // Before there is a worker, which could not be left unused again: its port may be taken.
    health = await openHealth(options, () => healthOf(worker, connection));
    await assertReady(connection, place);
    worker = await TemporalWorker.create({
      connection,
      namespace: place.namespace,
      taskQueue,
      workflowBundle: { codePath: bundlePath() },
      activities: createActivities(home, sendersFrom(connection, place.namespace)),
      interceptors: { activity: [await tellProblems()] },
      shutdownGraceTime: GRACE,
      maxHeartbeatThrottleInterval: BEAT,
      // Few things happen at once on one host; a small cache keeps the worker small.
      maxCachedWorkflows: 50,
      maxConcurrentActivityTaskExecutions: 20,
    });
    await runUntilStopped(worker, options, { ...place, taskQueue });
  } finally {
    await health?.close();
    await connection.close();
  }
}

/** Loaded late: the SDK's native part takes a second that no other command should wait for. */
async function connectNatively({ address, named, connectionOptions }: TemporalPlace) {
  const sdk = await import('@temporalio/worker');
  sdk.Runtime.install({
    logger: new sdk.DefaultLogger('WARN'),
    // The SDK would take SIGINT and SIGTERM as well, and ours must come first to say what happens.
    shutdownSignals: [],
  });
  const connection = await sdk.NativeConnection.connect(connectionOptions).catch((error: Error) => {
    throw temporalUnreachable(address, error.message, named);
  });
  return { connection, TemporalWorker: sdk.Worker };
}

/** @throws Problem `cannot-listen` */
async function openHealth(
  { healthPort, healthHost = '127.0.0.1' }: WorkerOptions,
  look: Parameters<typeof serveHealth>[0],
): Promise<{ close: () => Promise<void> } | undefined> {
  if (healthPort === undefined) return undefined;
  return serveHealth(look, healthPort, healthHost).catch((error: Error) => {
    throw cannotListen(healthHost, healthPort, error.message);
  });
}

async function runUntilStopped(
  worker: Worker,
  { onReady, onStopping }: WorkerOptions,
  about: { address: string; namespace: string; taskQueue: string },
): Promise<void> {
  const stop = () => {
    if (worker.getState() !== 'RUNNING') return;
    onStopping?.(worker.getStatus().numInFlightActivities);
    worker.shutdown();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const running = worker.run();
    onReady?.(about);
    await running;
  } finally {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  }
}

/** A namespace that is missing, or lacks what our workflows set, would fail every run for ever. */
async function assertReady(
  connection: NativeConnection,
  { address, namespace }: TemporalPlace,
): Promise<void> {
  await assertSearchAttributes(connection, namespace).catch((error: Error & { code?: number }) => {
    throw error.code === NOT_FOUND ? noNamespace(namespace, address) : error;
  });
}

const NOT_FOUND = 5; // gRPC status, https://grpc.io/docs/guides/status-codes

/** No run could keep its plan or its record. @throws Problem `state-not-writable` */
function assertWritable(state: string): void {
  const probe = join(state, `worker-${process.pid}.probe`);
  try {
    mkdirSync(state, { recursive: true, mode: 0o700 });
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw stateNotWritable(state, (error as Error).message);
  }
}

async function tellProblems() {
  const { TellProblems } = await import('./activities/failures.js');
  return () => ({ inbound: new TellProblems() });
}

/** Built by `npm run build`: bundling at each start would take seconds, and hide a broken package. */
function bundlePath(): string {
  const path = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
  if (!existsSync(path)) throw noBundle(path);
  return path;
}
