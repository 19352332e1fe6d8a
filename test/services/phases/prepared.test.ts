import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { withClient } from '../../../src/adapters/postgres/client.js';
import { freshDatabase, projectPython, type TestDatabase } from '../../support/servers.js';

const PREPARED = join(process.cwd(), 'test/support/shop-load/prepared.py');

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const query = (sql: string) =>
  withClient(database.url, { applicationName: 'test' }, (client) => client.query(sql));

/** `plan`: cached plan must not change result type. `range`: the driver still sends an int. See docs/zero-downtime.md. */
it('what drivers make of a key that is swapped beneath them: once, never, or not at all', async () => {
  await query(`CREATE TABLE deliveries (id int PRIMARY KEY, id_new bigint, carrier text);
    INSERT INTO deliveries VALUES (1, 1, 'one')`);
  const clients = spawn(projectPython, [PREPARED, database.url], { stdio: ['pipe', 'pipe', 'inherit'] });
  const over = once(clients, 'exit');
  const said = createInterface({ input: clients.stdout })[Symbol.asyncIterator]();
  expect((await said.next()).value).toBe('prepared');
  await query(`BEGIN; ALTER TABLE deliveries RENAME id TO id_old; ALTER TABLE deliveries RENAME id_new TO id;
    COMMIT`);
  clients.stdin.write('\n');
  const came = JSON.parse((await said.next()).value as string) as object;
  await over;
  const [never, once_] = [
    ['ok', 'ok', 'ok'],
    ['plan', 'ok', 'ok'],
  ];
  expect(came).toEqual({
    'asyncpg, outside of a transaction': never,
    'asyncpg, in a transaction': once_,
    'asyncpg, statement_cache_size=0': never,
    'asyncpg, a number that the old type has not': ['range', 'range', 'range'],
    'SQLAlchemy over asyncpg': once_,
    'SQLAlchemy over asyncpg, prepared_statement_cache_size=0': never,
    'SQLAlchemy over asyncpg, with casts': never,
    psycopg: once_,
    'psycopg, prepare_threshold=None': never,
    'psycopg, with casts': never,
    psycopg2: never,
  });
});
