import { randomBytes } from 'node:crypto';
import type { Home } from '../../../src/activities/home.js';
import { writersMoved, writersStopped } from '../../../src/activities/writers.js';
import { movedSince, writeCounters } from '../../../src/adapters/closure/counters.js';
import { type Client, withClient } from '../../../src/adapters/postgres/client.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { quietly, Site } from './site.js';

const input = { target: 'shop', runId: 'run-1' };
const SETUP = 'CREATE TABLE orders (id int); CREATE TABLE "Odd name" (id int)';
// Roles are the whole server's, and other tests are on it.
const [dba, blind] = ['dba', 'blind'].map((name) => `lk_${name}_${randomBytes(4).toString('hex')}`);

let site: Site;
let database: TestDatabase;
let other: TestDatabase;
let home: Home;

beforeAll(async () => {
  [site, database, other] = await Promise.all([Site.open(), freshDatabase(), freshDatabase()]);
  home = await site.project(database.url);
  await as('setup', (client) => client.query(SETUP));
  await as('setup', (client) =>
    client.query(`CREATE ROLE ${dba} SUPERUSER LOGIN PASSWORD 'x'; CREATE ROLE ${blind} LOGIN PASSWORD 'x'`),
  );
});
afterAll(async () => {
  await as('setup', (client) => client.query(`DROP ROLE ${dba}; DROP ROLE ${blind}`));
  await Promise.all([site.close(), database.drop(), other.drop()]);
});

const as = <T>(applicationName: string, work: (client: Client) => Promise<T>): Promise<T> =>
  withClient(database.url, { applicationName }, work);

const urlOf = (role?: string): string => {
  const url = new URL(database.url);
  if (role) [url.username, url.password] = [role, 'x'];
  return url.href;
};

/** Works in a session of its own until told to stop. @returns `over`: 'left', or the code of what ended it */
async function session(name: string, statements: readonly string[], url = urlOf()) {
  let stop = () => {};
  let begun = () => {};
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const ready = new Promise<void>((resolve) => (begun = resolve));
  const over = withClient(url, { applicationName: name }, async (client) => {
    for (const statement of statements) await client.query(statement);
    begun();
    await stopped;
    await client.query('SELECT 1');
    return 'left';
  }).catch((error: { code: string }) => error.code);
  await ready;
  return { over, stop: () => stop() };
}

describe('writers', () => {
  it('that are only connected may stay', async () => {
    const idle = await session('pool', ['INSERT INTO orders VALUES (1)']);
    expect(await writersStopped(home.target(), input, quietly())).toMatchObject({
      note: expect.stringMatching(/^writers are stopped: nothing is written since 20/),
    });
    idle.stop();
    expect(await idle.over).toBe('left');
  });

  it('are waited for while their transactions end', async () => {
    const slow = await session('worker', ['BEGIN', 'INSERT INTO orders VALUES (2)']);
    setTimeout(slow.stop, 400);
    const said: string[] = [];
    await writersStopped(home.target(), input, { ...quietly(), progress: (text) => said.push(text) });
    expect(said[0]).toMatch(/^waits for pid \d+, worker \(role \w+\), idle in transaction for /);
    expect(await slow.over).toBe('left');
  });

  it('that do not end are ended, and what they had not committed is gone', async () => {
    const stuck = await session('stuck worker', ['BEGIN', 'INSERT INTO orders VALUES (666)']);
    await writersStopped(home.target(), input, quietly());
    stuck.stop();
    expect(await stuck.over).toBe('connection-lost');
    const { rows } = await as('test', (client) => client.query('SELECT FROM orders WHERE id = 666'));
    expect(rows).toEqual([]);
  });

  it('whose transaction begins late and has written something are waited for', async () => {
    const late: ReturnType<typeof session>[] = [];
    const progress = (text: string) => {
      if (!text.startsWith('waits until nothing')) return;
      late.push(session('late worker', ['BEGIN', 'INSERT INTO orders VALUES (8)']));
    };
    let ended = 0;
    setTimeout(() => void late[0]?.then(({ stop }) => stop()).then(() => (ended = Date.now())), 2_500);
    await writersStopped(home.target(), input, { ...quietly(), progress });
    expect(ended).toBeGreaterThan(0);
  });

  it('of another superuser are named and spared', async () => {
    const operator = await session('psql', ['BEGIN', 'INSERT INTO orders VALUES (3)'], urlOf(dba));
    await expect(writersStopped(home.target(), input, quietly())).rejects.toMatchObject({
      code: 'writers-busy',
      told: { why: expect.stringMatching(/^pid \d+, psql \(role lk_dba_\w+\), idle in transaction for 1/) },
    });
    operator.stop();
    expect(await operator.over).toBe('left');
  });

  it('that the role may not see are no proof', async () => {
    const app = await session('app', ['SELECT 1']);
    const seesNothing = await site.project(urlOf(blind), {}, 'blind');
    await expect(writersStopped(seesNothing.target(), input, quietly())).rejects.toMatchObject({
      code: 'sessions-hidden',
      told: { next: [`GRANT pg_read_all_stats, pg_signal_backend TO "${blind}"`, expect.anything()] },
    });
    app.stop();
    await app.over;
  });
});

describe('write counters', () => {
  const moved = async (statements: string) => {
    const before = await as('lockkeeper:test', writeCounters);
    await as('app', (client) => client.query(statements));
    return movedSince(before, await as('lockkeeper:test', writeCounters));
  };

  it.each([
    ['SELECT count(*) FROM orders', []],
    ['CREATE TEMP TABLE t (id int); INSERT INTO t VALUES (1)', []],
    ['INSERT INTO orders SELECT generate_series(1, 7)', ['public.orders: 7 inserted']],
    [
      'UPDATE orders SET id = 0 WHERE id = 7; DELETE FROM orders WHERE id = 6; INSERT INTO "Odd name" VALUES (1)',
      ['public."Odd name": 1 inserted', 'public.orders: 1 updated, 1 deleted'],
    ],
    ['TRUNCATE orders', ['public.orders: emptied or rewritten']],
    ['CREATE TABLE fresh (id int)', ['public.fresh: is new']],
    ['DROP TABLE fresh', ['public.fresh: is gone']],
    ['SELECT lo_from_bytea(0, $$x$$)', [expect.stringMatching(/^pg_catalog\.pg_largeobject: 1 inserted/)]],
    [
      'INSERT INTO orders VALUES (1); SELECT pg_stat_reset()',
      [expect.stringMatching(/^all counters were reset at 20.*: nobody knows$/)],
    ],
  ])('after %s', async (statements, expected) => expect(await moved(statements)).toEqual(expected));

  it('that were reset while no transaction wrote say that nothing was written', async () => {
    const reset = () => as('app', (client) => client.query('SELECT pg_stat_reset()'));
    const said: string[][] = [];
    // An autovacuum worker may take a transaction id of its own just then; not four times in a row.
    for (let i = 0; i < 4; i += 1) {
      const before = await as('lockkeeper:test', writeCounters);
      await reset();
      said.push(movedSince(before, await as('lockkeeper:test', writeCounters)));
    }
    expect(said).toContainEqual([]);
  });

  it('are kept, compared later, and say at once when nothing was written', async () => {
    const { counters } = await writersMoved(home, input, quietly());
    const none = await writersMoved(home, { ...input, since: counters }, quietly());
    expect(none).toMatchObject({ moved: [], note: expect.stringMatching(/^nothing was written since 20/) });
    await as('app', (client) => client.query('INSERT INTO orders VALUES (5)'));
    const some = await writersMoved(home, { ...input, since: none.counters }, quietly());
    expect(some.moved).toEqual(['public.orders: 1 inserted']);
    await expect(writersMoved(home, { ...input, since: 'lost' }, quietly())).rejects.toMatchObject({
      code: 'counters-missing',
    });
  });
});

/** Each takes as long as a session may take to report what it wrote: they are asked at the same time. */
describe('in the ten seconds that a report may take', () => {
  let forgotten: Promise<unknown>;
  let late: Promise<unknown>;

  /** A worker that nobody stopped, on the other database. */
  async function writeOn(): Promise<unknown> {
    const project = await site.project(other.url, {}, 'other');
    let on = true;
    const writing = withClient(other.url, { applicationName: 'forgotten cron' }, async (client) => {
      await client.query(SETUP);
      while (on) {
        await client.query('INSERT INTO orders VALUES (4)');
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    });
    const answer = await writersStopped(project.target(), input, quietly()).catch((error: unknown) => error);
    on = false;
    await writing;
    return answer;
  }

  /** The second of two transactions at once is reported ten seconds later. */
  async function writeUnreported(): Promise<unknown> {
    const { counters } = await writersMoved(home, input, quietly());
    const pool = await session('pool', ['SELECT 1', 'INSERT INTO orders VALUES (6)']);
    const { moved } = await writersMoved(home, { ...input, since: counters }, quietly());
    pool.stop();
    await pool.over;
    return moved;
  }

  beforeAll(() => {
    [forgotten, late] = [writeOn(), writeUnreported()];
  });

  it('what a session has not reported yet is waited for', async () => {
    expect(await late).toEqual(['public.orders: 1 inserted']);
  }, 30_000);

  it('a writer that nobody stopped is found by its tables, and named by its connection', async () => {
    expect(await forgotten).toMatchObject({
      code: 'still-written',
      told: { why: expect.stringMatching(/public\.orders: \d+ inserted; connected: forgotten cron \(role /) },
    });
  }, 30_000);
});
