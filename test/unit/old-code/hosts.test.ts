import { lookAtSessions } from '../../../src/activities/old-code/sessions.js';
import type { OldCodeAsked } from '../../../src/activities/old-code/asked.js';
import type { Client } from '../../../src/adapters/postgres/client.js';

const at = '2026-11-26T12:00:00.000Z';
const asked = { release: 'r2', since: at, began: at } as OldCodeAsked;

const session = (pid: number, address: string | null, isOlder = false, applicationName = 'shop') => ({
  ...{ pid, applicationName, role: 'shop', address, port: 4000 + pid, since: at, state: 'idle', isOlder },
});

/** A server that has these sessions, and sees us at 10.0.0.1. */
const serverWith = (...sessions: object[]): Client =>
  ({
    query: (sql: string) =>
      Promise.resolve({
        rows: sql.includes('inet_client_addr')
          ? [{ ms: String(Date.now()), role: 'keeper', address: '10.0.0.1' }]
          : sql.includes('client backend')
            ? sessions
            : [],
      }),
  }) as unknown as Client;

const sources = async (addresses: readonly string[] | null, ...sessions: object[]) => {
  const { evidence } = await lookAtSessions(serverWith(...sessions), asked, addresses);
  return evidence.map(({ source, holds, says }) =>
    `${source} ${holds} ${/pid \d+/.exec(says)?.[0] ?? ''}`.trim(),
  );
};

it('names sessions from hosts where no container of the release runs', async () => {
  const all = [
    ...[session(1, '172.18.0.5'), session(2, '10.0.0.1'), session(3, '127.0.0.1'), session(4, null)],
    ...[session(5, '10.0.0.9'), session(6, '10.0.0.9', false, 'psql'), session(7, '10.0.0.8', true)],
  ];
  expect(await sources(['172.18.0.5'], ...all)).toEqual(['sessions false pid 7', 'hosts false pid 5']);
});

it('says nothing of hosts where it is not known where the release runs', async () => {
  expect(await sources(null, session(5, '10.0.0.9'))).toEqual(['sessions true']);
});
