import { withClient } from '../../../src/adapters/postgres/client.js';
import { sizesOf } from '../../../src/adapters/postgres/sizes.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';

let database: TestDatabase;
beforeAll(async () => (database = await freshDatabase()));
afterAll(() => database?.drop());

const session = { applicationName: 'test' };
const run = (statements: string) => withClient(database.url, session, (client) => client.query(statements));
const sizes = (...names: string[]) => withClient(database.url, session, (client) => sizesOf(client, names));

it('the size of a table is that of all that belongs to it: indexes, partitions at any depth, children', async () => {
  await run(`
    create table "Small" (id int);
    create table events (id int, at date) partition by range (at);
    create table events_1 partition of events for values from ('2026-01-01') to ('2027-01-01')
      partition by range (id);
    create table events_1_1 partition of events_1 for values from (0) to (1000000);
    insert into events select g, '2026-05-05' from generate_series(1, 10000) g;
    create schema sales;
    create table sales.orders (id int primary key);
    insert into sales.orders select generate_series(1, 10000)`);
  const found = await sizes('"Small"', 'events', 'events_1', 'sales.orders', 'not_there', 'small');
  expect(found.map(({ name }) => name)).toEqual(['"Small"', 'events', 'events_1', 'sales.orders']);
  const [small, events, inner, orders] = found.map((each) => each.bytes);
  expect(small).toBe(0);
  expect(events).toBeGreaterThan(300_000);
  expect(events).toBe(inner);
  expect(orders).toBeGreaterThan(500_000); // its index is more than a third of it
});

it('one that another session keeps for itself is not waited for without end', async () => {
  await run('create table busy (id int)');
  await withClient(database.url, session, async (holder) => {
    await holder.query('begin; lock table busy');
    await expect(sizes('busy')).rejects.toMatchObject({ code: 'schema-locked', told: { retry: true } });
  });
}, 20_000);
