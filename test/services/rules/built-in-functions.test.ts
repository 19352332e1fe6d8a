import { withClient } from '../../../src/adapters/postgres/client.js';
import { builtInFunctions } from '../../../src/sql/built-in-functions.js';
import { freshDatabase } from '../../support/servers.js';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

it('PostgreSQL has none of them in a volatile form', async () => {
  const { rows } = await withClient(database.url, { applicationName: 'rules' }, (client) =>
    client.query<{ name: string; volatile: boolean }>(
      `SELECT proname AS name, bool_or(provolatile = 'v') AS volatile FROM pg_proc
       WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY($1) GROUP BY 1`,
      [[...builtInFunctions]],
    ),
  );
  expect(rows.length).toBeGreaterThan(400);
  expect(rows.filter(({ volatile }) => volatile)).toEqual([]);
});
