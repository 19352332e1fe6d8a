import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** An application: short transactions on rows at random, so many a second, that tells its own p95. */
export interface Application {
  /** Answers `{"p95"}` of the last second, in milliseconds. */
  url: string;
  /** Milliseconds, of the transactions since the last time that this was called. */
  takeP95: () => Promise<number>;
  stop: () => Promise<void>;
}

/** In a process of its own: a backfill's own work shall not be what it waits for. */
export async function application(url: string, tps: number, rows: number): Promise<Application> {
  const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const args = [
    file('../../scripts/run-ts.mjs'),
    file('application-process.ts'),
    url,
    String(tps),
    String(rows),
  ];
  const running = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const over = once(running, 'exit');
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the application has ended');
    return value;
  };
  return {
    url: await line(),
    takeP95: async () => {
      running.stdin.write('p95\n');
      return Number(await line());
    },
    stop: async () => {
      running.stdin.end();
      await over;
    },
  };
}

/** A health endpoint whose answers can be made slow. */
export async function endpoint(): Promise<{ url: string; slow: (ms: number) => void; stop: () => void }> {
  let ms = 2;
  const server = createServer((_, response) => void sleep(ms).then(() => response.end('{}')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    slow: (by) => void (ms = by),
    stop: () => server.close(),
  };
}
