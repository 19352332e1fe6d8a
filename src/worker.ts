import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { homeAt } from './activities/home.js';
import { createActivities } from './activities/index.js';
import { temporalPlace } from './client.js';
import { noBundle, temporalUnreachable } from './domain/problems/temporal.js';
import { assertSearchAttributes } from './search-attributes.js';
import { serveHealth } from './worker-health.js';

export interface WorkerOptions {
  /** Path of lockkeeper.yaml. */
  config?: string;
  /** Port for /healthz on loopback; none when it is not set. 0: any free one. */
  healthPort?: number;
  /** Address for /healthz. Default 127.0.0.1; a container needs 0.0.0.0. */
  healthHost?: string;
  onReady?: (about: { address: string; namespace: string; taskQueue: string }) => void;
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
 * @throws Problem `temporal-unreachable`, `missing-search-attributes`, `no-bundle`, or faults of the settings
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const home = homeAt(options.config);
  const { state, taskQueue } = home.config();
  const place = temporalPlace(state);
  const {
    NativeConnection: Native,
    Worker: TemporalWorker,
    Runtime,
    DefaultLogger,
  } = await import('@temporalio/worker');
  Runtime.install({
    logger: new DefaultLogger('WARN'),
    // The SDK would take SIGINT and SIGTERM as well, and ours must come first to say what happens.
    shutdownSignals: [],
  });
  const connection = await Native.connect(place.connectionOptions).catch((error: Error) => {
    throw temporalUnreachable(place.address, error.message);
  });
  try {
    await assertSearchAttributes(connection, place.namespace);
    const worker = await TemporalWorker.create({
      connection,
      namespace: place.namespace,
      taskQueue,
      workflowBundle: { codePath: bundlePath() },
      activities: createActivities(home),
      interceptors: { activity: [await tellProblems()] },
      shutdownGraceTime: GRACE,
      maxHeartbeatThrottleInterval: BEAT,
      // Few things happen at once on one host; a small cache keeps the worker small.
      maxCachedWorkflows: 50,
      maxConcurrentActivityTaskExecutions: 20,
    });
    await runUntilStopped(worker, connection, options, { ...place, taskQueue });
  } finally {
    await connection.close();
  }
}

async function runUntilStopped(
  worker: Worker,
  connection: NativeConnection,
  { healthPort, healthHost, onReady }: WorkerOptions,
  about: { address: string; namespace: string; taskQueue: string },
): Promise<void> {
  const health =
    healthPort === undefined ? undefined : await serveHealth(worker, connection, healthPort, healthHost);
  const stop = () => void (worker.getState() === 'RUNNING' && worker.shutdown());
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const running = worker.run();
    onReady?.(about);
    await running;
  } finally {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
    await health?.close();
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
