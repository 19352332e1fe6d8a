import { Agent, request } from 'node:http';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tools } from '../../../src/stack/tools.js';
import { freshDatabase, projectPython, type TestDatabase } from '../../support/servers.js';
import { Shop } from './shop.js';

/** The check of the demo's settings that r3 does not pass: names of tables, none expected. */
const TABLES_WITHOUT_PRIMARY_KEY = `
  select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind in ('r', 'p')
    and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`;

/** Ten of them, each with one connection that it keeps, and a request a second. */
function patientClients(url: string): { leave: () => (number | string)[] } {
  const seen: (number | string)[] = [];
  const clients = Array.from({ length: 10 }, (_, place) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () => {
      const asked = request(url, { agent }, (answer) => seen.push(answer.resume().statusCode ?? 0));
      asked.on('error', (error) => seen.push(error.message)).end();
    };
    const timer = setTimeout(() => (every = setInterval(ask, 1_000)), place * 100);
    let every: NodeJS.Timeout | undefined;
    return { agent, end: () => [timer, every].forEach(clearInterval) };
  });
  const leave = () => {
    for (const { agent, end } of clients) {
      end();
      agent.destroy();
    }
    return seen;
  };
  return { leave };
}

describe('the shop', () => {
  let shop: Shop;
  let database: TestDatabase;

  beforeAll(async () => {
    database = await freshDatabase();
    const { pgBin, nginx } = tools(dirname(dirname(projectPython)));
    shop = await Shop.open({ databaseUrl: database.url, python: projectPython, pgBin, nginx });
    await shop.alembic('r1', 'upgrade', 'head');
    await shop.seed(3_000);
  }, 300_000);

  beforeEach(async () => {
    await shop.serve('start', 'r1');
    await shop.alembic('r3', 'downgrade', '0001_first');
  });

  afterAll(async () => {
    await shop.close();
    await database.drop();
  });

  it('has a way back from every revision, to the very schema from which it came', async () => {
    const first = await shop.schema();
    await shop.alembic('r2', 'upgrade', 'head');
    const second = await shop.schema();
    await shop.alembic('r3', 'upgrade', 'head');
    await shop.alembic('r3', 'downgrade', '-1');
    expect(await shop.schema()).toBe(second);
    await shop.alembic('r2', 'downgrade', '-1');
    expect(await shop.schema()).toBe(first);
  });

  it('is seeded once only', async () => {
    expect(await shop.seed(3_000)).toBe('seeded already');
    expect(await shop.sql('select count(*) from order_items')).toEqual(['3000']);
  });

  it('takes orders with the code of r1 on the schema of r3', async () => {
    await shop.alembic('r3', 'upgrade', 'head');
    expect(await shop.get('/health')).toEqual({ status: 'ok', release: 'r1', revision: '0003_stock' });
    const order = await shop.post('/orders', { customer_id: 1, product_id: 2, quantity: 3 });
    expect(order).toMatchObject({ customer_id: 1, status: 'new', total: 5.22 });
    expect(await shop.get(`/orders/${(order as { id: number }).id}`)).toEqual(order);
  });

  it('lets the check of the primary keys pass on r2 and find the table that r3 made without one', async () => {
    await shop.alembic('r2', 'upgrade', 'head');
    expect(await shop.sql(TABLES_WITHOUT_PRIMARY_KEY)).toEqual([]);
    await shop.alembic('r3', 'upgrade', 'head');
    expect(await shop.sql(TABLES_WITHOUT_PRIMARY_KEY)).toEqual(['stock']);
  });

  it('loses no request while r2 is deployed, put back, and deployed by one that is killed and tried again', async () => {
    const traffic = await shop.under(50, async () => {
      await shop.alembic('r2', 'upgrade', 'head');
      await shop.serve('start', 'r2');
      await shop.serve('start', 'r1');
      await shop.killedDeploy('r2', 2_500);
      await shop.serve('start', 'r2');
    });
    expect(traffic).toMatchObject({
      failed: 0,
      requests: traffic.byStatus['200']! + traffic.byStatus['201']!,
    });
    expect(traffic.requests).toBeGreaterThan(500);
    expect(await shop.serve('running')).toBe('r2');
    expect((await shop.serve('status')).split('\n')).toEqual([
      expect.stringMatching(/^r2 .* healthy, served by nginx$/),
    ]);
  }, 120_000);

  it('answers only 200 and 503 when it is stopped and started while the site is closed', async () => {
    const patient = patientClients(`${shop.url}/products`);
    await sleep(2_500); // each has asked
    await shop.closed(async () => {
      await shop.serve('stop');
      await shop.serve('start', 'r1');
    });
    await sleep(1_500);
    expect(new Set(patient.leave())).toEqual(new Set([200, 503]));
  }, 60_000);

  it('goes on with the running release when the next one needs a revision that the database lacks', async () => {
    await expect(shop.serve('start', 'r2')).rejects.toMatchObject({
      stderr: expect.stringContaining(
        'the database is at 0001_first, this release needs 0002_gifts',
      ) as string,
    });
    expect(await shop.get('/health')).toEqual({ status: 'ok', release: 'r1', revision: '0001_first' });
  });

  it('deploys a running release as if nothing had been asked', async () => {
    const before = await shop.serve('status');
    expect(await shop.serve('start', 'r1')).toMatch(/^r1 on port \d+ is running already$/);
    expect(await shop.serve('status')).toBe(before);
  });
});
