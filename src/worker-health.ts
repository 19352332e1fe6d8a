import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NativeConnection, Worker } from '@temporalio/worker';

/**
 * Answers GET /healthz: 200 while the worker polls and Temporal answers, else 503 with the reason. For the
 * health check of a container, and for monitoring.
 */
export async function serveHealth(
  worker: Worker,
  connection: NativeConnection,
  port: number,
  host = '127.0.0.1',
): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url !== '/healthz') return void response.writeHead(404).end('not found\n');
    void stateOf(worker, connection).then(({ ok, ...about }) => {
      response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify({ ok, ...about })}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

async function stateOf(worker: Worker, connection: NativeConnection) {
  const state = worker.getState();
  const running = worker.getStatus().numInFlightActivities;
  const temporal = await connection
    .withDeadline(Date.now() + 2_000, () => connection.workflowService.getSystemInfo({}))
    .then(() => 'answers')
    .catch((error: Error) => error.message);
  return { ok: state === 'RUNNING' && temporal === 'answers', state, running, temporal };
}
