import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, withClient } from '../../../src/adapters/postgres/client.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import {
  asOurs,
  difference,
  inBatches,
  keepAll,
  keepAllRest,
  kept,
  move,
  plannedFor,
  putAllBack,
  shopAt,
} from './support.js';

const ROWS = process.env.LOCKKEEPER_MATRIX === 'whole' ? 1_000_000 : 20_000;
const GOES_ON_MS = process.env.LOCKKEEPER_MATRIX === 'whole' ? 60_000 : 1_500;

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

/** A table and its twin, which are written to alike; nothing is taken from the twin. */
const made = `
  CREATE TABLE items (id bigint PRIMARY KEY, name text, note text, price numeric(10, 2));
  INSERT INTO items SELECT g, 'name ' || g, CASE WHEN g % 7 > 0 THEN 'note ' || g END, g / 3.0
    FROM generate_series(1, ${ROWS}) g;
  CREATE TABLE twin (LIKE items INCLUDING ALL);
  INSERT INTO twin SELECT * FROM items`;

const before = (client: Client) => client.query(made);
const most = Math.round(ROWS * 1.1);

async function whileWritten(column: string | null, work: () => Promise<unknown>): Promise<number> {
  const shop = shopAt(database.url, column, { most });
  try {
    await work();
  } finally {
    await shop.stop();
  }
  return shop.writes();
}

it.each([
  ['in batches', inBatches],
  ['at once', {}],
])(
  'a column that was dropped, copied %s: surviving rows have their old values, later writes stand',
  (_, how) =>
    withClient(database.url, asOurs, async (client) => {
      await before(client);
      const sql = 'ALTER TABLE items DROP COLUMN note';
      const planned = await plannedFor(client, sql);
      expect(planned).toMatchObject([
        { table: 'public.items', how: 'copied', rows: false, columns: [{ name: 'note', goes: 'dropped' }] },
      ]);
      const during = await whileWritten('note', async () => {
        await sleep(300);
        await keepAll(client, planned, how);
        await sleep(300);
      });
      await keepAllRest(client);
      expect(await kept(client)).toMatchObject([{ state: 'complete' }]);
      await client.query(sql);
      const later = await whileWritten(null, () => sleep(GOES_ON_MS));
      await client.query('ALTER TABLE items ADD COLUMN note text');
      const [came] = await putAllBack(client);
      expect(came!.rows).toBeGreaterThan(ROWS / 2);
      expect(during).toBeGreaterThan(20);
      expect(later).toBeGreaterThan(20);
      const inOrder = '(SELECT id, name, note, price FROM items)';
      await client.query(`CREATE VIEW back AS ${inOrder.slice(1, -1)}`);
      expect(await difference(client, 'back', 'twin')).toBe(0);
      expect(await kept(client)).toMatchObject([{ state: 'put back' }]);
    }),
  900_000,
);

it(
  'a column whose values were changed: those that were written to since keep that',
  () =>
    withClient(database.url, asOurs, async (client) => {
      await before(client);
      const planned = await plannedFor(client, 'UPDATE items SET note = upper(note)');
      expect(planned).toMatchObject([{ how: 'copied', columns: [{ name: 'note', goes: 'changed' }] }]);
      await whileWritten('note', () => keepAll(client, planned, inBatches));
      await keepAllRest(client);
      await client.query('UPDATE items SET note = upper(note)');
      const later = await whileWritten('note', () => sleep(GOES_ON_MS));
      expect(later).toBeGreaterThan(20);
      await putAllBack(client);
      expect(await difference(client, 'items', 'twin')).toBe(0);
    }),
  900_000,
);

it(
  'a column of another type: rounded values come back, later ones stand',
  () =>
    withClient(database.url, asOurs, async (client) => {
      await before(client);
      const planned = await plannedFor(client, 'ALTER TABLE items ALTER COLUMN price TYPE integer');
      expect(planned).toMatchObject([{ how: 'copied', columns: [{ name: 'price', goes: 'changed' }] }]);
      await keepAll(client, planned, inBatches);
      await keepAllRest(client);
      await client.query('ALTER TABLE items ALTER COLUMN price TYPE integer');
      await withClient(database.url, { applicationName: 'shop' }, async (shop) => {
        for (const table of ['items', 'twin'])
          await shop.query(`UPDATE ${table} SET price = -id WHERE id % 10 = 0; DELETE FROM ${table} WHERE id % 11 = 0;
            UPDATE ${table} SET name = 'x' WHERE id % 3 = 0`);
      });
      await client.query('ALTER TABLE items ALTER COLUMN price TYPE numeric(10, 2)');
      await putAllBack(client);
      expect(await difference(client, 'items', 'twin')).toBe(0);
    }),
  900_000,
);

it(
  'a table that was dropped: all its rows come back',
  () =>
    withClient(database.url, asOurs, async (client) => {
      await before(client);
      const planned = await plannedFor(client, 'DROP TABLE items');
      expect(planned).toMatchObject([{ table: 'public.items', how: 'moved' }]);
      await whileWritten('note', () => keepAll(client, planned, inBatches));
      await keepAllRest(client);
      await move(client, planned[0]!);
      expect((await client.query("SELECT to_regclass('items') AS it")).rows).toEqual([{ it: null }]);
      await client.query(
        'CREATE TABLE items (id bigint PRIMARY KEY, name text, note text, price numeric(10, 2))',
      );
      await putAllBack(client);
      expect(await difference(client, 'items', 'twin')).toBe(0);
    }),
  900_000,
);
