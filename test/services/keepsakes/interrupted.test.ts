import { withClient } from '../../../src/adapters/postgres/client.js';
import {
  change,
  difference,
  inBatches,
  keepAll,
  keepAllRest,
  kept,
  ownDatabase,
  plannedFor,
  putAllBack,
} from './support.js';

const { here, shop, database } = ownDatabase();

it(
  'begun again in the middle it goes on where it was; twice is once',
  here(async (client) => {
    await client.query(`CREATE TABLE items (id int PRIMARY KEY, note text);
      INSERT INTO items SELECT g, repeat('x', 200) FROM generate_series(1, 5000) g;
      CREATE TABLE twin AS TABLE items`);
    const planned = await plannedFor(client, 'ALTER TABLE items DROP COLUMN note');
    for (let stopAt = 1; stopAt < 12; stopAt += 3) {
      const signal = new AbortController();
      let batches = 0;
      const progress = () => void ((batches += 1) > stopAt && signal.abort(new Error('stopped')));
      await keepAll(client, planned, { ...inBatches, progress, signal: signal.signal }).catch(
        () => undefined,
      );
    }
    await keepAll(client, planned);
    expect(await kept(client)).toMatchObject([{ state: 'copied', rows: 5000 }]);
    await keepAllRest(client);
    await keepAllRest(client);
    await client.query('ALTER TABLE items DROP COLUMN note; ALTER TABLE items ADD COLUMN note text');
    const first = await putAllBack(client);
    expect(first).toMatchObject([{ rows: 5000 }]);
    expect(await putAllBack(client)).toMatchObject([{ rows: 0 }]);
    expect(await difference(client, 'items', 'twin')).toBe(0);
  }),
);

it(
  'who holds the table for long is named, and nobody queues behind us for it',
  here(async (client) => {
    await client.query('CREATE TABLE items (id int PRIMARY KEY, note text)');
    const planned = await plannedFor(client, 'ALTER TABLE items DROP COLUMN note');
    await withClient(database().url, { applicationName: 'report' }, async (holder) => {
      await holder.query('BEGIN; LOCK TABLE items IN ROW EXCLUSIVE MODE');
      await expect(keepAll(client, planned, { attemptMs: 100, waitMs: 1_500 })).rejects.toMatchObject({
        code: 'keepsake-locked',
        told: { why: expect.stringContaining('report') },
      });
      await holder.query('ROLLBACK');
    });
    expect(await kept(client)).toEqual([]);
  }),
);

it(
  'a later change of the key never makes the application fail: the list says that it cannot be trusted',
  here(async (client) => {
    await client.query(
      'CREATE TABLE items (id int PRIMARY KEY, note text); INSERT INTO items VALUES (1), (2)',
    );
    await change(client, 'ALTER TABLE items DROP COLUMN note');
    await client.query('ALTER TABLE items RENAME COLUMN id TO number');
    await shop('DELETE FROM items WHERE number = 1');
    expect(await kept(client)).toMatchObject([{ state: 'complete', broken: expect.stringContaining('id') }]);
    await expect(putAllBack(client)).rejects.toMatchObject({ code: 'no-keepsake' });
  }),
);

it(
  'a role that may not make a schema is told so',
  here(async (client) => {
    const role = `keeper_${database().name}`;
    await client.query(
      `CREATE TABLE items (id int PRIMARY KEY, note text); CREATE ROLE ${role}; GRANT SELECT ON items TO ${role}`,
    );
    const planned = await plannedFor(client, 'ALTER TABLE items DROP COLUMN note');
    await client.query(`SET ROLE ${role}`);
    await expect(keepAll(client, planned)).rejects.toMatchObject({ code: 'cannot-keep' });
    await client.query(`RESET ROLE; DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }),
);
