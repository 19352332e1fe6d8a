import { createServer } from 'node:http';
import type { NativeConnection, Worker } from '@temporalio/worker';

interface Health {
  ok: boolean;
  [about: string]: unknown;
}

/**
 * Answers GET /healthz: 200 while the worker polls and Temporal answers, else 503 with the reason. For the
 * health check of a container, and for monitoring.
 *
 * @param look - asked for each answer
 * @throws Error of the system, when the port is taken
 */
export async function serveHealth(
  look: () => Promise<Health>,
  port: number,
  host: string,
): Promise<{ close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url !== '/healthz') return void response.writeHead(404).end('not found\n');
    void look().then((health) => {
      response.writeHead(health.ok ? 200 : 503, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(health)}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

/** @param worker - undefined while it is being made */
export async function healthOf(worker: Worker | undefined, connection: NativeConnection): Promise<Health> {
  if (!worker) return { ok: false, state: 'STARTING' };
  const state = worker.getState();
  const running = worker.getStatus().numInFlightActivities;
  const temporal = await connection
    .withDeadline(Date.now() + 2_000, () => connection.workflowService.getSystemInfo({}))
    .then(() => 'answers')
    .catch((error: Error) => error.message);
  return { ok: state === 'RUNNING' && temporal === 'answers', state, running, temporal };
}
