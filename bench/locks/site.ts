/**
 * The application, in a process of its own, so that whoever migrates does not disturb the measurement: 8 clients that
 * change a row 60 times a second, at planned moments whatever happened to the one before, and readers.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { clock, seeded } from './clock.js';
import type { Scenario } from './scenarios.js';
import type { FromSite, Reading, Sample, ToSite } from './site-process.js';

const CLIENTS = 8;
const PER_SECOND = 60;
const EVERY_MS = (CLIENTS * 1_000) / PER_SECOND;
const ROWS = 1_000;

const url = process.env.BENCH_URL ?? '';
const seed = Number(process.argv[2]);
const samples: Sample[] = [];
const readings: Reading[] = [];
const stop = new AbortController();
const stopReaders = new AbortController();
let ranOutAt: number | undefined;

async function connected(application_name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name });
  client.on('error', () => undefined); // the next query tells
  await client.connect();
  return client;
}

async function change(client: pg.Client, at: number, from: number): Promise<void> {
  const random = seeded(seed * CLIENTS + at);
  for (let due = from + at * (EVERY_MS / CLIENTS); ; due += EVERY_MS) {
    await sleep(Math.max(0, due - clock()));
    if (stop.signal.aborted) break;
    await client.query('UPDATE orders SET n = n + 1 WHERE id = $1', [1 + Math.floor(random() * ROWS)]);
    samples.push([due, clock()]);
  }
  await client.end();
}

/** One lane of readers, one after the other. `onFirst`: the first one has its lock. */
async function lane({ readMs, gapMs, forMs }: Scenario, lateMs: number, onFirst: () => void): Promise<void> {
  const client = await connected('a report');
  const { signal } = stopReaders;
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  await pause(lateMs);
  for (const until = clock() + forMs; !signal.aborted && clock() < until; await pause(gapMs)) {
    await client.query('BEGIN');
    await client.query('SELECT count(*) FROM orders');
    onFirst();
    const began = clock();
    await pause(readMs);
    readings.push([began, clock()]); // whoever waits may have the lock before COMMIT is answered
    await client.query('COMMIT');
  }
  await client.end();
}

/** @returns once the first of each lane reads */
async function read(scenario: Scenario): Promise<void> {
  let over: Promise<void>[] = [];
  const first = Array.from({ length: scenario.lanes }, (_, at) => at).map(
    (at) =>
      new Promise<void>((onFirst) => {
        over = [...over, lane(scenario, (at * scenario.readMs) / scenario.lanes, onFirst)];
      }),
  );
  readers = Promise.all(over).then(() => void (ranOutAt = stopReaders.signal.aborted ? undefined : clock()));
  await Promise.all(first);
}

let readers: Promise<void> = Promise.resolve();
const say = (message: FromSite) => process.send?.(message);

const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connected('the shop')));
const from = clock() + 100;
const changing = Promise.all(clients.map((client, at) => change(client, at, from)));
say({ said: 'ready' });

process.on('message', (message: ToSite) => void obey(message));

async function obey(message: ToSite): Promise<void> {
  if (message.do === 'read') {
    await read(message.scenario);
    say({ said: 'reading' });
  } else if (message.do === 'stop readers') {
    stopReaders.abort();
    await readers;
    say({ said: 'no readers' });
  } else {
    stop.abort();
    await changing;
    say({ said: 'over', samples, readings, ...(ranOutAt === undefined ? {} : { ranOutAt }) });
    process.disconnect();
  }
}
