import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { p95Of } from '../../src/domain/backfill/latency.js';

/** An application: short transactions on rows at random, so many a second, that tells its own p95. */
export interface Application {
  url: string;
  /** Milliseconds, of the transactions since the last time that this was called. */
  takeP95: () => number;
  stop: () => Promise<void>;
}

const SESSIONS = 10;
/** What it tells is of the last second. */
const TELLS_OF_MS = 1_000;

export async function application(url: string, tps: number, rows: number): Promise<Application> {
  const sessions = await Promise.all(
    Array.from({ length: SESSIONS }, async () => {
      const client = new pg.Client({ connectionString: url, application_name: 'the application' });
      await client.connect();
      return client;
    }),
  );
  let [stopped, taken] = [false, [] as number[]];
  let recent: { at: number; ms: number }[] = [];
  const work = async (client: pg.Client): Promise<void> => {
    for (let next = performance.now() + Math.random() * 20; !stopped; next += (1_000 * SESSIONS) / tps) {
      await sleep(Math.max(0, next - performance.now()));
      const id = 1 + Math.floor(Math.random() * rows);
      await client.query(id % 2 ? 'UPDATE t SET a = a WHERE id = $1' : 'SELECT * FROM t WHERE id = $1', [id]);
      // From when it should have begun: what queues behind a slow one waits, too.
      const ms = performance.now() - next;
      taken.push(ms);
      recent.push({ at: performance.now(), ms });
    }
  };
  const working = sessions.map(work);
  const server = createServer((_, response) => {
    recent = recent.filter(({ at }) => at > performance.now() - TELLS_OF_MS);
    response.end(JSON.stringify({ p95: p95Of(recent.map(({ ms }) => ms)) ?? 0 }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    takeP95: () => {
      const p95 = p95Of(taken) ?? 0;
      taken = [];
      return p95;
    },
    stop: async () => {
      stopped = true;
      await Promise.all(working);
      await Promise.all(sessions.map((client) => client.end()));
      server.close();
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
