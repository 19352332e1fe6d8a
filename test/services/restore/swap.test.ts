import { type Client, withClient } from '../../../src/adapters/postgres/client.js';
import { databaseNamed, mark, onServer, withDatabase } from '../../../src/adapters/postgres/databases.js';
import { finishSwap, swapDatabases, unswap } from '../../../src/adapters/postgres/swap.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { inside, oneValue, run } from '../backup/support.js';
import { die, dropNamed, problem } from './support.js';

const session = { applicationName: 'lockkeeper:test:restore' };
const swept: string[] = [];
let live: TestDatabase;
let copy: TestDatabase;

/** A live database that says `old`, and a copy of it that says `new`. */
beforeEach(async () => {
  [live, copy] = [await freshDatabase(), await freshDatabase()];
  for (const [{ url, name }, says] of [
    [live, 'old'],
    [copy, 'new'],
  ] as const) {
    await run(url, `CREATE TABLE who AS SELECT '${says}' AS says; COMMENT ON DATABASE ${name} IS 'the shop'`);
  }
  await onServer(live.url, session, async (server) => {
    const { oid } = await databaseNamed(server, live.name);
    await mark(server, copy.name, { of: live.name, oid, run: 'run-1', state: 'complete' });
  });
});
afterEach(() =>
  dropNamed(live.url, [live.name, copy.name, `${live.name}_kept`, `${live.name}_back`, ...swept]),
);

const keepAs = () => `${live.name}_kept`;
const options = () => ({ ...session, url: live.url, restored: copy.name, keepAs: keepAs() });
const says = (url = live.url) => oneValue(url, 'SELECT says FROM who');
const all = () =>
  onServer(live.url, session, async (server) => {
    const { rows } = await server.query<{ name: string; open: boolean }>(
      `SELECT datname AS name, datallowconn AS open FROM pg_database WHERE datname LIKE '${live.name}%'
         OR datname = '${copy.name}' ORDER BY datname`,
    );
    return rows;
  });

it('the copy takes the name, comment and sessions; the old one is kept, closed, and can be swapped back', async () => {
  // As users are: connected, and connecting again whenever they are cut off.
  const stop = new AbortController();
  const answers = new Set<unknown>();
  const ask = async (client: Client) => {
    while (!stop.signal.aborted)
      answers.add((await client.query<{ says: string }>('SELECT says FROM who')).rows[0]?.says);
  };
  const user = async () => {
    while (!stop.signal.aborted)
      await withClient(live.url, { applicationName: 'user' }, ask).catch(() => undefined);
  };
  const users = Promise.all([user(), user(), user()]);
  expect(await swapDatabases(options())).toEqual({ kept: keepAs() });
  while (answers.size < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort();
  await users;
  expect(answers).toEqual(new Set(['old', 'new']));
  expect(await says()).toBe('new');
  expect(await all()).toEqual([
    { name: live.name, open: true },
    { name: keepAs(), open: false },
  ]);
  const about = `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()`;
  expect(await oneValue(live.url, about)).toBe('the shop');
  expect((await problem(inside(withDatabase(live.url, keepAs()), async () => {}))).code).toBe(
    'database-closed',
  );
  // Asked again, it is done.
  expect(await swapDatabases(options())).toEqual({ kept: keepAs() });

  await unswap({ ...session, url: live.url, kept: keepAs(), keepAs: `${live.name}_back` });
  expect(await says()).toBe('old');
  expect(await oneValue(live.url, about)).toBe('the shop');
  expect(await all()).toEqual([
    { name: live.name, open: true },
    { name: `${live.name}_back`, open: false },
  ]);
});

it.each(['closing', 'closed', 'sessions ended', 'swapped'])(
  'killed when "%s" was told, one database has the name, whole, and opens again',
  async (dieAt) => {
    await die({ dieAt, url: live.url, swap: { restored: copy.name, keepAs: keepAs() } });
    const closed = ['closed', 'sessions ended'].includes(dieAt);
    expect((await all()).find(({ name }) => name === live.name)?.open).toBe(!closed);
    expect(await finishSwap(live.url, session)).toEqual(closed ? ['run-1'] : []);
    expect(await says()).toBe(dieAt === 'swapped' ? 'new' : 'old');
    expect(await swapDatabases(options())).toEqual({ kept: keepAs() });
    expect(await says()).toBe('new');
  },
);

it('what would be lost is asked when nobody can write any more, and then nothing is swapped', async () => {
  const wouldLose = async (client: Client) => {
    expect((await problem(inside(live.url, async () => {}))).code).toBe('database-closed');
    return (await client.query<{ says: string }>('SELECT says FROM who')).rows.map(({ says }) => says);
  };
  expect(await swapDatabases({ ...options(), wouldLose })).toEqual({ lost: ['old'] });
  expect(await says()).toBe('old');
  expect(await swapDatabases(options())).toEqual({ kept: keepAs() });
});

it('a database that somebody connected elsewhere has locked is not swapped, and he is named', async () => {
  const elsewhere = { applicationName: 'an operator' };
  const locked = await onServer(live.url, elsewhere, async (other) => {
    await other.query(`BEGIN; COMMENT ON DATABASE ${live.name} IS 'mine'`);
    return problem(swapDatabases(options()));
  });
  expect(locked).toMatchObject({ code: 'database-locked', told: { retry: true } });
  expect(locked.told.why).toMatch(/^pid \d+, an operator \(role .*\), connected to postgres$/);
  expect(await says()).toBe('old');
  expect(await swapDatabases(options())).toEqual({ kept: keepAs() });
}, 30_000);

it('a database that is no copy, is being migrated, or has a subscription is not swapped, and stays open', async () => {
  const other = await freshDatabase();
  swept.push(other.name);
  const strange = await problem(swapDatabases({ ...options(), restored: other.name }));
  expect(strange.code).toBe('not-a-copy');
  const held = inside(live.url, async (client) => {
    await client.query('SELECT pg_advisory_lock(1280262987, 1262830928)');
    return problem(swapDatabases(options()));
  });
  expect((await held).code).toBe('lock-held');
  await run(
    live.url,
    `CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE)`,
  );
  const obstructed = await problem(swapDatabases(options()));
  expect(obstructed.message).toContain('subscription s');
  await run(live.url, 'DROP SUBSCRIPTION s');
  expect(await says()).toBe('old');
});
