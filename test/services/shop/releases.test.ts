import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { withClient } from '../../../src/adapters/postgres/client.js';
import { fingerprint } from '../../../src/adapters/postgres/fingerprint.js';
import { homeAt, planFor } from '../../../src/local.js';
import { tools } from '../../../src/stack/tools.js';
import { freshDatabase, projectPython, type TestDatabase } from '../../support/servers.js';
import { Shop } from './shop.js';

const RELEASES = join(process.cwd(), 'examples/shop/releases');
const releases = readdirSync(RELEASES).sort();

/** From where each release is reached: r3 and r6 are put back, so what follows them begins before them. */
const WAY = [
  { from: 'r1', to: 'r2', risk: 'low' },
  { from: 'r2', to: 'r3', risk: 'low' },
  { from: 'r2', to: 'r4', risk: 'medium' },
  { from: 'r4', to: 'r5', risk: 'high' },
  { from: 'r5', to: 'r6', risk: 'very-high' },
  { from: 'r5', to: 'r7', risk: 'very-high' },
  { from: 'r7', to: 'r8', risk: 'low' },
];

/** What may differ from release to release; all else is a copy. */
const OWN = new Set(['RELEASE', 'shop/main.py', 'shop/models.py']);

const filesOf = (release: string, under = ''): string[] =>
  readdirSync(join(RELEASES, release, under), { recursive: true, encoding: 'utf8' })
    .map((file) => join(under, file))
    .filter((file) => !file.includes('__pycache__') && statSync(join(RELEASES, release, file)).isFile())
    .sort();

const revisionsOf = (release: string): string[] => filesOf(release, 'migrations/versions');

const read = (release: string, file: string): string => readFileSync(join(RELEASES, release, file), 'utf8');

const idOf = (release: string, file: string): string =>
  /^revision = "(.+)"$/m.exec(read(release, file))?.[1] ?? '';

const headOf = (release: string): string => idOf(release, revisionsOf(release).at(-1) ?? '');

describe('the releases of the shop', () => {
  it('are all on the way', () => expect(WAY.map(({ to }) => to)).toEqual(releases.slice(1)));

  it.each(WAY)('$to has every file of $from, and no shared file has drifted', ({ from, to }) => {
    const files = filesOf(to);
    for (const file of filesOf(from)) {
      expect(files).toContain(file);
      if (!OWN.has(file)) expect({ file, text: read(to, file) }).toEqual({ file, text: read(from, file) });
    }
  });

  it.each(releases)(
    '%s is named in its RELEASE file, and its revisions are named as their files',
    (release) => {
      expect(read(release, 'RELEASE')).toBe(`${release}\n`);
      for (const file of revisionsOf(release)) {
        const id = idOf(release, file);
        expect(file).toBe(`migrations/versions/${id}.py`);
        expect(id.length).toBeLessThanOrEqual(32);
      }
    },
  );

  it.each(releases)('%s is small enough to be read in one go', (release) => {
    const lines = filesOf(release, 'shop').flatMap((file) => read(release, file).trimEnd().split('\n'));
    expect(lines.length).toBeLessThanOrEqual(225);
  });

  it.each(WAY)('$to is $risk risk in the table of the README', ({ from, to, risk }) => {
    const rows = readFileSync(join(RELEASES, '../README.md'), 'utf8').split('\n');
    const row = rows.find((line) => line.startsWith(`| ${to} | ${from} |`));
    expect(row).toContain(`\`${headOf(to)}\` | ${risk.replace('-', ' ')}`);
  });
});

const WORK = { signal: new AbortController().signal, attempt: 1, progress: () => undefined };

/** As the README has it: on the schema of every release, whether it keeps a total or cents. */
const ORDERS = `
  select count(*), round(sum(money), 2)
  from (select null::numeric as total, null::numeric as total_cents) as absent,
    lateral (select coalesce(total, total_cents / 100.0) as money from orders) as taken`;

describe('a shop on its way from release to release', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lk-way-'));
  const settings = join(folder, 'lockkeeper.yaml');
  let shop: Shop;
  let database: TestDatabase;
  let at = 'r1';

  beforeAll(async () => {
    database = await freshDatabase();
    writeFileSync(join(folder, 'url'), `${database.url}\n`);
    const url = 'file:url';
    const environment = { DATABASE_URL: url };
    const alembic = { python: projectPython, project: join(RELEASES, '{release}'), environment };
    writeFileSync(settings, stringify({ version: 1, targets: { shop: { database: { url }, alembic } } }));
    await open();
    await upgrade('r1');
    await shop.seed(3_000);
    await shop.close();
  }, 300_000);

  // Each test has an nginx of its own: a kept connection would still ask the release of the test before.
  beforeEach(() => open());

  afterEach(() => shop.close());

  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const open = async () => {
    const { pgBin, nginx } = tools(dirname(dirname(projectPython)));
    shop = await Shop.open({ databaseUrl: database.url, python: projectPython, pgBin, nginx });
  };

  const schema = async () => (await withClient(database.url, { applicationName: 'test' }, fingerprint)).lines;

  const upgrade = async (release: string) => {
    at = release;
    await shop.alembic(release, 'upgrade', 'head');
  };
  const downgrade = (revision: string) => shop.alembic(at, 'downgrade', revision);

  /** Takes the database to a release by way of the first one. */
  const stand = async (release: string) => {
    await downgrade(headOf('r1'));
    await upgrade(release);
  };

  it.each(WAY)(
    '$to is judged $risk risk, its code runs on its schema, and it has a way back to the very schema of $from',
    async ({ from, to, risk }) => {
      await stand(from);
      const before = await schema();
      const plan = await planFor(homeAt(settings).target(), { name: to, running: from }, WORK);
      expect(plan).toMatchObject({ risk, from: [headOf(from)], to: [headOf(to)] });
      expect(plan.coverage.analysed).toBe(plan.coverage.total);

      await upgrade(to);
      await shop.alembic(to, 'check');
      await shop.serve('start', to);
      expect(await shop.get('/health')).toEqual({ status: 'ok', release: to, revision: headOf(to) });
      const order = await shop.post('/orders', { customer_id: 1, product_id: 2, quantity: 3 });
      expect(order).toMatchObject({ customer_id: 1, status: 'new', total: 5.22 });
      expect(await shop.get('/orders?limit=1')).toEqual([order]);

      await downgrade(headOf(from));
      expect(await schema()).toEqual(before);
    },
    120_000,
  );

  it('takes orders with the code of r2 on the schema of r4, which is deployed online', async () => {
    await stand('r4');
    await shop.serve('start', 'r2');
    expect(await shop.get('/health')).toEqual({ status: 'ok', release: 'r2', revision: headOf('r4') });
    expect(await shop.post('/orders', { customer_id: 2, product_id: 2 })).toMatchObject({ total: 1.74 });
  });

  it('lists the orders of one customer from r4 on, newest first', async () => {
    await stand('r4');
    await shop.serve('start', 'r4');
    const order = (customer_id: number) => shop.post('/orders', { customer_id, product_id: 1 });
    const [first, , last] = [await order(9_000), await order(9_001), await order(9_000)];
    expect(await shop.get('/customers/9000/orders')).toEqual([last, first]);
  });

  it('has parcels with numbers that only r5 can hold, and is not taken back to r4 while there is one', async () => {
    const send = async (number: number) =>
      (await fetch(`${shop.url}/orders/1/parcel?number=${number}`, { method: 'PUT' })).status;
    await stand('r4');
    await shop.serve('start', 'r4');
    expect([await send(17), await send(17), await send(3_000_000_000)]).toEqual([204, 204, 422]);
    await upgrade('r5');
    await shop.serve('start', 'r5');
    expect(await send(3_000_000_000)).toBe(204);
    expect(await shop.get('/orders/1')).toMatchObject({ parcel: 3_000_000_000 });
    await expect(downgrade(headOf('r4'))).rejects.toThrow('ended with exit code 1');
    expect(await shop.get('/health')).toMatchObject({ status: 'ok', revision: headOf('r5') });
    expect(await send(17)).toBe(204);
    await shop.sql('delete from parcels where number > 17'); // or no other test could go back
  });

  it('lets the check of the orders find what r6 rounds off, and pass on r7 and on the way back', async () => {
    await stand('r5');
    await shop.sql('update orders set total = total + 0.01'); // r6 may have made all of them round already
    const before = await shop.sql(ORDERS);
    await upgrade('r7');
    expect(await shop.sql(ORDERS)).toEqual(before);
    await downgrade(headOf('r5'));
    expect(await shop.sql(ORDERS)).toEqual(before);
    await upgrade('r6');
    expect(await shop.sql(ORDERS)).not.toEqual(before);
  });
});
