import { invalidPort } from '../domain/problems/worker.js';
import { count } from '../domain/units.js';
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
    onStopping: (steps) =>
      io.say(steps ? `stopping once ${count(steps, 'step')} that it does now is finished` : 'stopping'),
  });
  io.say('worker stopped');
  if (io.json) io.out(JSON.stringify({ schemaVersion: 1, stopped: true }));
  return 0;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw invalidPort(text);
  return port;
}
