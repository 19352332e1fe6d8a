import { invalidPort } from '../domain/problems/worker.js';
import { runWorker } from '../worker.js';
import type { GlobalOptions, Io } from './io.js';

/** Runs a worker in the foreground, until Ctrl-C or SIGTERM. */
export async function workerCommand(
  { config, healthPort, healthHost }: GlobalOptions & { healthPort?: string; healthHost?: string },
  io: Io,
): Promise<number> {
  await runWorker({
    ...(config ? { config } : {}),
    ...(healthPort ? { healthPort: portOf(healthPort) } : {}),
    ...(healthHost ? { healthHost } : {}),
    onReady: ({ address, namespace, taskQueue }) =>
      io.say(`worker is ready: task queue ${taskQueue}, namespace ${namespace}, Temporal at ${address}`),
  });
  io.say('worker stopped');
  return 0;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw invalidPort(text);
  return port;
}
