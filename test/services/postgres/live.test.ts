import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { stepLogPath } from '../../../src/activities/step-log.js';
import { sessionName } from '../../../src/activities/standing.js';
import { watchDatabase } from '../../../src/activities/watch-database.js';
import type { BridgeEvent } from '../../../src/adapters/alembic/events.js';
import { whileWatched, type Watched } from '../../../src/activities/watch-migration.js';
import { type Client, withClient } from '../../../src/adapters/postgres/client.js';
import { watcherOf } from '../../../src/adapters/postgres/live.js';
import { pidsNamed, waitingFor, type Sample, type SeenNow } from '../../../src/domain/live.js';
import type { Plan } from '../../../src/domain/plan.js';
import { seenText } from '../../../src/report/watch.js';
import { freshDatabase } from '../../support/servers.js';
import { quietWork, SettingsHome } from '../../support/settings-home.js';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
  process.env['LK_LIVE_URL'] = database.url;
  await as('test', (client) => client.query('CREATE TABLE orders (id bigint PRIMARY KEY, total int)'));
});
afterAll(() => database.drop());

const as = <T>(applicationName: string, work: (client: Client) => Promise<T>): Promise<T> =>
  withClient(database.url, { applicationName }, work);

const OURS = 'lockkeeper:shop:migrate:12345678';

/** Looks until it is so, at most 10 seconds. */
async function sampleWhere(isSo: (sample: Sample) => boolean): Promise<Sample> {
  return as('looker', async (client) => {
    const watcher = await watcherOf(client);
    for (let looks = 0; looks < 100; looks += 1) {
      const sample = await watcher.sample(OURS);
      if (isSo(sample)) return sample;
      await sleep(100);
    }
    throw new Error('it was never so');
  });
}

describe('a look at the database', () => {
  it('sees who waits behind whom, how long, and for what', async () => {
    await as('reader', async (reader) => {
      await reader.query('BEGIN');
      await reader.query('SELECT * FROM orders');
      const ours = as(OURS, (client) => client.query('ALTER TABLE orders ADD COLUMN note text'));
      await sampleWhere(({ waits }) => waits.length === 1);
      const app = as('worker', (client) => client.query('SELECT 1 FROM orders'));
      const sample = await sampleWhere(({ waits }) => waits.length === 2 && waits[1]!.waitedMs > 100);

      const [pid] = pidsNamed(sample, OURS);
      const readerPid = sample.sessions.find(({ application }) => application === 'reader')?.pid;
      expect(sample.waits[0]).toMatchObject({
        pid,
        lock: 'ACCESS EXCLUSIVE',
        on: 'orders',
        blockedBy: [readerPid],
      });
      expect(sample.waits[0]!.waitedMs).toBeGreaterThan(sample.waits[1]!.waitedMs);
      expect(waitingFor(sample, [pid!])).toMatchObject([{ application: 'worker', lock: 'ACCESS SHARE' }]);
      expect(sample.sessions.find((each) => each.pid === readerPid)).toMatchObject({
        state: 'idle in transaction',
        query: 'SELECT * FROM orders',
      });
      await reader.query('COMMIT');
      await Promise.all([ours, app]);
    });
  });

  it('sees which locks of ours keep others waiting, and how far a command is that tells it', async () => {
    await as('writer', async (writer) => {
      await writer.query('BEGIN');
      await writer.query('INSERT INTO orders VALUES (1, 1)');
      const index = as(OURS, (client) => client.query('CREATE INDEX CONCURRENTLY ix ON orders (total)'));
      const sample = await sampleWhere(
        ({ progress, sessions }) =>
          progress.some(({ share }) => share !== null) &&
          sessions.some(({ application }) => application === OURS),
      );
      expect(sample.progress).toEqual([
        {
          pid: pidsNamed(sample, OURS)[0],
          ...{
            what: 'create index concurrently',
            on: 'orders',
            phase: 'waiting for writers before build',
            share: 0,
          },
        },
      ]);
      expect(sample.held).toEqual([]); // SHARE UPDATE EXCLUSIVE keeps no query waiting
      await writer.query('COMMIT');
      await index;
    });
    await as(OURS, async (client) => {
      await client.query('BEGIN');
      await client.query('LOCK orders IN SHARE MODE');
      const sample = await sampleWhere(() => true);
      expect(sample.held).toEqual(['SHARE on orders']);
      expect(sample.walBytes).toBeGreaterThan(0);
    });
  });
});

const planned = {
  ...{ revisions: [], coverage: { analysed: 1, total: 1 }, versionTable: { name: 'v', schema: null } },
  ...{ risk: 'low', procedure: 'low-risk' },
};

async function watching<T>(
  {
    limits = {},
    url = '${LK_LIVE_URL}',
    budgetMs = 1_000,
  }: { limits?: object; url?: string; budgetMs?: number },
  migrate: (run: () => Promise<T>, onEvent: (event: BridgeEvent) => void) => Promise<T>,
  sql = 'SELECT 1',
) {
  const made = await SettingsHome.make({ database: { url }, alembic: { limits } });
  const said: string[] = [];
  const watched: Watched = {
    ...{ runId: randomUUID(), step: 'migrate' },
    plan: { ...planned, stallBudgetMs: budgetMs } as unknown as Plan,
  };
  const target = made.home.target('shop');
  const work = { ...quietWork(), progress: (text: string) => void said.push(text) };
  const applicationName = sessionName('shop', 'migrate', watched.runId);
  const came = await whileWatched(target, watched, work, ({ signal }, onEvent) =>
    migrate(
      () =>
        withClient(database.url, { applicationName, signal }, async (client) => {
          await client.query(sql);
          return undefined as T;
        }),
      onEvent,
    ),
  ).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  const log = await readFile(stepLogPath(target, watched.runId, 'migrate'), 'utf8').catch(() => '');
  return { came, said, log, made };
}

const HOLD = 'BEGIN; LOCK orders; SELECT pg_sleep(20)';

describe('while a migration is watched', () => {
  it('it is stopped where others wait for its locks for longer than the budget', async () => {
    const began = Date.now();
    const { came, said, log, made } = await watching(
      { budgetMs: 1_000 },
      async (run) => {
        const app = sleep(300).then(() =>
          as('worker', (client) => client.query('SELECT count(*) FROM orders')),
        );
        await Promise.all([run(), app]);
      },
      HOLD,
    );
    expect(came).toMatchObject({ error: { code: 'others-wait-too-long' } });
    expect((came as { error: Error }).error.message).toMatch(
      /pid \d+ \(worker\) waits 1\.\d s for ACCESS SHARE on orders; it ran: BEGIN; LOCK orders/,
    );
    expect(Date.now() - began).toBeLessThan(15_000);
    expect(said.at(-1)).toMatch(
      /1 session WAIT FOR IT, the longest 1\.\d s; holds ACCESS EXCLUSIVE on orders/,
    );
    expect(log).toMatch(/"event":"live","text":".*WAIT FOR IT/);
    await made.remove();
  });

  it('it is stopped where the disk runs full', async () => {
    const { came, made } = await watching(
      { limits: { diskFreeGiB: 1_000_000 } },
      (run) => run(),
      'SELECT pg_sleep(20)',
    );
    expect(came).toMatchObject({ error: { code: 'disk-runs-full' } });
    await made.remove();
  });

  it('it goes on where nobody can look, and the log says so', async () => {
    const { came, log, made } = await watching({ url: '${LK_NO_SUCH_URL}' }, async () => {
      await sleep(1_000);
      return 'done';
    });
    expect(came).toEqual({ result: 'done' });
    expect(log).toContain('cannot look at the database');
    await made.remove();
  });

  it('nobody looks where it is over at once', async () => {
    const { came, said, made } = await watching({}, (run) => run());
    expect(came).toEqual({ result: undefined });
    expect(said).toEqual([]);
    await made.remove();
  });
});

it('for people, without Temporal: sessions, waiting locks, and the log of the newest migration of this target', async () => {
  const { made } = await watching({}, async (_run, onEvent) => {
    onEvent({ event: 'step', revision: '0002_note', index: 0, of: 1 });
    onEvent({ event: 'statement', revision: '0002_note', sql: 'ALTER TABLE x', ms: 12, rows: null });
    await sleep(50);
  });
  const seen: SeenNow[] = [];
  await as('reader', async (reader) => {
    await reader.query('BEGIN');
    await reader.query('SELECT * FROM orders');
    await watchDatabase(made.home.target('shop'), null, quietWork(), (one) => void seen.push(one));
  });
  const text = seenText(seen[0]!);
  expect(text).toMatch(/^shop {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  expect(text).toMatch(/Active sessions: 1\n.*\n.*reader +idle in transaction.*SELECT \* FROM orders/);
  expect(text).toContain('Waiting for locks: none');
  expect(text).toMatch(
    /Migration log: .*migrate\.log\n.*migrate begins\n.*revision 0002_note \(1 of 1\)\n.* 12 ms {2}ALTER TABLE x/,
  );
  await made.remove();
});
