import { freePort } from '../../test/support/free-port.js';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { illNote, untilHealthy } from './health.js';
import type { Target } from './home.js';
import type { Work } from './work.js';

const { signal } = new AbortController();
const work = { signal, progress: () => undefined } as unknown as Work;
const targetAt = (url: string) =>
  ({
    settings: { health: { url, expect: { release: '{release}' }, deadlineSeconds: 0.1 } },
  }) as unknown as Target;

describe('a site', () => {
  const server = createServer((_, response) => response.end('{"release": "r1"}'));
  let url: string;
  let nowhere: string;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    nowhere = `http://127.0.0.1:${await freePort()}/`;
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  });
  afterAll(() => void server.close());

  it('that is well before a run is not talked about, nor one where nothing runs yet', async () => {
    expect(await illNote(targetAt(url), 'r1', signal)).toBe('');
    expect(await illNote(targetAt(nowhere), null, signal)).toBe('');
  });

  it('that is ill is told of before the run', async () => {
    const words = (at: string, fault: string) => `; NOT HEALTHY ALREADY, BEFORE THIS RUN: ${at}: ${fault}`;
    expect(await illNote(targetAt(url), 'r0', signal)).toBe(words(url, 'its release is r1, not r0'));
    const fault = 'nothing listens there (connection refused)';
    expect(await illNote(targetAt(nowhere), 'r1', signal)).toBe(words(nowhere, fault));
  });

  it('where nothing listens: the web server is looked at first', async () => {
    const next = (at: string) =>
      untilHealthy(targetAt(at), 'r2', work).catch(
        (error: { told: { next: string[] } }) => error.told.next[0],
      );
    expect(await next(nowhere)).toMatch(/nginx -t/);
    expect(await next(url)).toBe("read the application's own log");
  });
});
