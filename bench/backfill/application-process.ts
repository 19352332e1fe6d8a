/**
 * application-process.ts URL TPS ROWS: the application of application.ts. Its first line is the address that tells its p95 of
 * the last second; each line of standard input is answered with that of all transactions since the line before.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { p95Of } from '../../src/domain/backfill/latency.js';

const SESSIONS = 10;
/** What it tells is of the last second. */
const TELLS_OF_MS = 1_000;

const [url = '', tps, rows] = process.argv.slice(-3);
const everyMs = (1_000 * SESSIONS) / Number(tps);
let [stopped, taken] = [false, [] as number[]];
let recent: { at: number; ms: number }[] = [];

async function work(): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'the application' });
  await client.connect();
  for (let next = performance.now() + Math.random() * 20; !stopped; next += everyMs) {
    await sleep(Math.max(0, next - performance.now()));
    const id = 1 + Math.floor(Math.random() * Number(rows));
    await client.query(id % 2 ? 'UPDATE t SET a = a WHERE id = $1' : 'SELECT * FROM t WHERE id = $1', [id]);
    // From when it should have begun: what queues behind a slow one waits, too.
    const ms = performance.now() - next;
    taken.push(ms);
    recent.push({ at: performance.now(), ms });
  }
  await client.end();
}

const server = createServer((_, response) => {
  recent = recent.filter(({ at }) => at > performance.now() - TELLS_OF_MS);
  response.end(JSON.stringify({ p95: p95Of(recent.map(({ ms }) => ms)) ?? 0 }));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const working = Array.from({ length: SESSIONS }, work);
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
for await (const _ of createInterface({ input: process.stdin })) {
  console.log(p95Of(taken) ?? 0);
  taken = [];
}
stopped = true;
await Promise.all(working);
server.closeAllConnections();
server.close();
