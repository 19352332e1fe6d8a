import type { Client } from '../postgres/client.js';
import { untilQuiet } from './quiet.js';

/** A server on which somebody has written at these moments, milliseconds from now. */
function serverWith(writes: readonly number[]): { client: Client; written: () => number } {
  const began = performance.now();
  const written = () => writes.filter((at) => at <= performance.now() - began).length;
  const now = () => new Date().toISOString();
  const answer = (sql: string): object[] => {
    if (sql.includes('txid_current_snapshot'))
      // Beside it a monitor that never rests: only what is written counts.
      return [{ at: now(), xid: String(700 + written()), reportedAt: now(), resetAt: null }];
    return [];
  };
  const client = { query: (sql: string) => Promise.resolve({ rows: answer(sql) }) };
  return { client: client as unknown as Client, written };
}

const { signal } = new AbortController();

it('is quiet a good second after the last transaction that wrote', async () => {
  const server = serverWith([]);
  const began = performance.now();
  expect((await untilQuiet(server.client, signal)).moved).toEqual([]);
  const took = performance.now() - began;
  expect(took).toBeGreaterThanOrEqual(1_200);
  expect(took).toBeLessThan(2_000);
});

it('is not quiet between two writes of who writes each second, or a bit later', async () => {
  const server = serverWith([200, 1_300, 2_400]);
  const { counters, moved } = await untilQuiet(server.client, signal);
  expect({ xid: counters.xid, moved, written: server.written() }).toEqual({
    xid: '703',
    moved: [],
    written: 3,
  });
});
