import { createServer, type Server } from 'node:net';
import { withClient } from '../../../src/adapters/postgres/client.js';
import { identity } from '../../../src/adapters/postgres/identity.js';
import { revisions } from '../../../src/adapters/postgres/revisions.js';
import { connectionOf } from '../../../src/adapters/postgres/connection.js';
import { freshDatabase } from '../../support/servers.js';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let server: { host: string; port: number };
/** The database that everybody can connect to. */
let common: string;
const role = `hostile_${process.pid}`;

beforeAll(async () => {
  database = await freshDatabase();
  server = connectionOf(database.url);
  common = database.url.replace(database.name, 'postgres');
  await asked(database.url, `CREATE ROLE ${role} LOGIN PASSWORD 'pw'; GRANT pg_read_all_data TO ${role}`);
});
afterAll(async () => {
  await database.drop();
  await asked(common, `DROP ROLE ${role}`);
});

const options = { applicationName: 'test' };
const asked = (url: string, sql: string) => withClient(url, options, (client) => client.query(sql));
const at = ({ host = server.host, port = server.port, user = role, password = 'pw', name = database.name }) =>
  `postgresql://${user}:${password}@${host}:${port}/${name}`;

/** A port on which `answer` is done to everybody who connects. */
async function listening(answer: (server: Server) => void): Promise<{ port: number; close: () => void }> {
  const server = createServer();
  answer(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, close: () => server.close() };
}

describe('a connection that cannot be made', () => {
  it.each([
    ['a wrong password', { password: 'hunter2' }, 'wrong-password', false],
    ['no such database', { name: 'nowhere' }, 'no-such-database', false],
    ['a name that no server has', { host: 'no-such-host.invalid' }, 'database-unreachable', true],
    ['a role that does not exist', { user: 'nobody_at_all' }, 'wrong-password', false],
  ])('%s is told in words', async (_what, where, code, retry) => {
    const error: unknown = await asked(at(where), 'SELECT 1').catch((each: unknown) => each);
    expect(error).toMatchObject({ code, told: { retry } });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  it('a port where nothing listens is told with the address', async () => {
    const { port, close } = await listening(() => {});
    close();
    await expect(asked(at({ port }), 'SELECT 1')).rejects.toMatchObject({
      code: 'database-unreachable',
      told: { what: `PostgreSQL at ${server.host}:${port} cannot be reached`, retry: true },
    });
  });

  it('a server that never answers is given up after five seconds', async () => {
    const { port, close } = await listening((server) =>
      server.on('connection', (socket) => socket.on('error', () => {})),
    );
    const started = performance.now();
    await expect(asked(`${at({ port })}?sslmode=disable`, 'SELECT 1')).rejects.toMatchObject({
      code: 'database-unreachable',
    });
    expect(performance.now() - started).toBeLessThan(8_000);
    close();
  });

  it('a server that speaks something else is not taken for PostgreSQL', async () => {
    const { port, close } = await listening((server) =>
      server.on('connection', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    await expect(asked(at({ port }), 'SELECT 1')).rejects.toMatchObject({
      code: expect.stringMatching(/encryption-failed|database-unreachable/) as string,
    });
    close();
  });

  it('encryption that the server does not have is told; where it is only preferred it is done without', async () => {
    expect((await asked(`${at({})}?sslmode=prefer`, 'SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await expect(asked(`${at({})}?sslmode=require`, 'SELECT 1')).rejects.toMatchObject({
      code: 'encryption-failed',
    });
  });

  it('a role without connections left, a closed database, a role that may not log in', async () => {
    await asked(database.url, `ALTER ROLE ${role} CONNECTION LIMIT 0`);
    await expect(asked(at({}), 'SELECT 1')).rejects.toMatchObject({ code: 'too-many-connections' });
    await asked(database.url, `ALTER ROLE ${role} CONNECTION LIMIT -1 NOLOGIN`);
    await expect(asked(at({}), 'SELECT 1')).rejects.toMatchObject({ code: 'login-refused' });
    await asked(database.url, `ALTER ROLE ${role} LOGIN`);
    const closed = await freshDatabase();
    await asked(common, `ALTER DATABASE ${closed.name} ALLOW_CONNECTIONS false`);
    await expect(asked(closed.url, 'SELECT 1')).rejects.toMatchObject({ code: 'database-closed' });
    await closed.drop();
  });
});

it('settings of the role that could end, forbid or distort the work are switched off', async () => {
  await asked(
    database.url,
    `ALTER ROLE ${role} SET statement_timeout = '20ms'; ALTER ROLE ${role} SET lock_timeout = '1ms';
     ALTER ROLE ${role} SET idle_in_transaction_session_timeout = '10ms';
     ALTER ROLE ${role} SET idle_session_timeout = '10ms';
     ALTER ROLE ${role} SET default_transaction_read_only = on; ALTER ROLE ${role} SET datestyle = 'German';
     ALTER ROLE ${role} SET intervalstyle = 'iso_8601'; ALTER ROLE ${role} SET extra_float_digits = -10;
     ALTER ROLE ${role} SET bytea_output = 'escape'`,
  );
  const shown = await withClient(at({}), options, async (client) => {
    await client.query('CREATE TEMP TABLE t (x int)');
    await client.query('BEGIN; SELECT pg_sleep(0.1)');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.query('COMMIT');
    const sql = `SELECT date '2026-02-03' || ' ' || interval '1 day' || ' ' || 0.1::float8 || ' ' || '\\x01'::bytea AS shown`;
    return (await client.query<{ shown: string }>(sql)).rows[0]?.shown;
  });
  expect(shown).toBe('2026-02-03 1 day 0.1 \\x01');
  await asked(database.url, `ALTER ROLE ${role} RESET ALL`);
});

it('where transaction_timeout is known it is switched off, too', async () => {
  const known = await asked(database.url, `SELECT 1 FROM pg_settings WHERE name = 'transaction_timeout'`);
  if (!known.rowCount) return;
  await asked(database.url, `ALTER ROLE ${role} SET transaction_timeout = '50ms'`);
  await asked(at({}), 'SELECT pg_sleep(0.2)');
  await asked(database.url, `ALTER ROLE ${role} RESET ALL`);
});

it('rows that row level security hides are an error, not a smaller number', async () => {
  await asked(
    database.url,
    `CREATE TABLE secret (x int); ALTER TABLE secret ENABLE ROW LEVEL SECURITY; INSERT INTO secret VALUES (1)`,
  );
  await expect(asked(at({}), 'SELECT count(*) FROM secret')).rejects.toThrow(/row-level security/);
});

it('a session that is ended during the work is a lost connection, and the caller’s own errors stay as they are', async () => {
  const ended = withClient(database.url, options, async (client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await asked(database.url, `SELECT pg_terminate_backend(${rows[0]?.pid})`);
    await client.query('SELECT 1');
  });
  await expect(ended).rejects.toMatchObject({ code: 'connection-lost', told: { retry: true } });
  const own = withClient(database.url, options, () => Promise.reject(new RangeError('mine')));
  await expect(own).rejects.toThrow(RangeError);
});

it('aborted, it ends a query that runs on the server, and throws the reason', async () => {
  const stop = new AbortController();
  const sleeping = withClient(
    database.url,
    { applicationName: 'test sleeper', signal: stop.signal },
    (client) => client.query('SELECT pg_sleep(60)'),
  );
  setTimeout(() => stop.abort(new Error('no longer wanted')), 300);
  await expect(sleeping).rejects.toThrow('no longer wanted');
  const { rows } = await asked(
    database.url,
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'test sleeper'`,
  );
  expect(rows).toEqual([{ n: 0 }]);
});

it('says which database it is, and which revisions it has', async () => {
  const [known, none, some] = await withClient(database.url, options, async (client) => {
    const before = await revisions(client);
    await client.query(`CREATE SCHEMA "My Schema"; CREATE TABLE "My Schema".versions (version_num text);
      INSERT INTO "My Schema".versions VALUES ('b2'), ('a1')`);
    const after = await revisions(client, { name: 'versions', schema: 'My Schema' });
    return [await identity(client), before, after];
  });
  expect(known).toMatchObject({
    database: database.name,
    systemId: expect.stringMatching(/^\d+$/) as string,
  });
  expect(known.version).toMatch(new RegExp(`^${known.major}`));
  expect(none).toEqual([]);
  expect(some).toEqual(['a1', 'b2']);
});
