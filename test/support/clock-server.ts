import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { registerSearchAttributes } from '../../src/search-attributes.js';
import { searchAttributes } from '../../src/domain/search-attributes.js';
import { freePort } from './free-port.js';
import { until } from './project.js';
import { testVenv } from './servers.js';

/** A Temporal server whose clock is turned by the test: days go by in a moment. It knows one namespace, `default`. */
export interface ClockServer {
  env: TestWorkflowEnvironment;
  /** For workers. */
  address: string;
  stop: () => Promise<void>;
}

/**
 * The SDK would start it as well, but gives it five seconds for that, however slow the machine is. What it then makes of a
 * server that is there is the same.
 */
export async function clockServer(): Promise<ClockServer> {
  const port = await freePort();
  const server = spawn(join(await testVenv(), 'bin', 'temporal-test-server'), [String(port)], {
    stdio: 'ignore',
  });
  try {
    await until(() => listens(port), 60_000, 'the server whose clock can be turned');
    const address = `127.0.0.1:${port}`;
    const env = await environment(address);
    await registerSearchAttributes(env.connection, 'default', Object.keys(searchAttributes));
    return { env, address, stop: () => env.teardown().finally(() => end(server)) };
  } catch (error) {
    await end(server);
    throw error;
  }
}

/** Of a server that is there, with a clock that can be turned: the SDK can do it, and has no public way of saying so. */
function environment(address: string): Promise<TestWorkflowEnvironment> {
  const { create } = TestWorkflowEnvironment as unknown as {
    create: (options: object) => Promise<TestWorkflowEnvironment>;
  };
  const options = { server: { type: 'existing' }, address, namespace: 'default', supportsTimeSkipping: true };
  return create.call(TestWorkflowEnvironment, options);
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.end());
  });

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const over = once(server, 'close');
  server.kill('SIGKILL');
  await over;
}
