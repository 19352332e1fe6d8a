import { closureOf } from '../../src/demo/promises.js';
import { Load } from '../../src/demo/load.js';
import { closedOutside, trafficOf } from '../../src/demo/traffic.js';
import { withClient } from '../../src/adapters/postgres/client.js';
import type { RunRecord } from '../../src/domain/record.js';
import { ComposeExample } from '../support/docker/compose-example.js';
import { whole } from '../support/kills-sample.js';
import { shopImage } from '../support/docker/images.js';
import { until, type Ran } from '../support/project.js';
import { projectPython } from '../support/servers.js';
import { join } from 'node:path';
import { root } from '../support/test-stack.js';

const MS = 1_200_000;
/** Requests a second. Beside other tests, on two cores, fewer: what each of them is answered is what counts. */
const RATE = Number(process.env.LOCKKEEPER_RATE ?? (whole ? 100 : 30));
const MONEY = `select count(*)::int as orders, sum(money)::text as money
  from (select null::numeric as total, null::numeric as total_cents) as absent,
    lateral (select round(coalesce(total, total_cents / 100.0), 2) as money from orders where id <= 100) as taken`;

/** What the low-risk story does not come to, told as one: people shop all the while. */
describe('the shop of examples/compose, taken through every risk and back', () => {
  let example: ComposeExample;
  let load: Load;
  let before: unknown;
  const records: RunRecord[] = [];
  const images: Record<string, string> = {};

  beforeAll(async () => {
    example = await ComposeExample.make('blue-green');
    images['r1'] = await example.idOf(example.latest);
    for (const release of ['r4', 'r5', 'r7', 'r8']) await shopImage(release);
    const up = await example.compose('up', '-d', 'app', 'nginx');
    if (up.code !== 0) throw new Error(up.err);
    await until(async () => (await example.visit()) !== null, 120_000, 'the site', 500);
    await example.project.worker();
    before = await rows(MONEY);
    const { project, site } = example;
    const shop = join(root, 'examples', 'shop');
    const place = { tools: { python: projectPython }, shop, url: site, home: project.home, env: {} };
    load = new Load(place, RATE);
  }, 900_000);
  afterAll(async () => {
    await load?.stop().catch(() => undefined);
    await example?.close();
  }, 120_000);

  const rows = (sql: string) =>
    withClient(
      example.project.url,
      { applicationName: 'test' },
      async (client) => (await client.query(sql)).rows,
    );

  /** Gives the approvals that are wanted, and waits for the end. */
  async function approved(started: Ran, people: readonly string[]): Promise<string> {
    const { project } = example;
    expect(started).toMatchObject({ code: 3, err: '' });
    const plan = /lockkeeper approve \S+ --plan ([0-9a-f]{12})/.exec(started.out)?.[1] ?? 'none';
    for (const by of people)
      await project.cli(['approve', project.target, '--plan', plan], { env: { LOCKKEEPER_USER: by } });
    const watched = await project.cli(['status', project.target, '--watch'], { ms: MS });
    if (watched.code !== 0) throw new Error(`${watched.out}${watched.err}`);
    records.push(await project.record());
    return started.out + watched.out;
  }

  async function deploy(release: string, ...people: string[]): Promise<string> {
    const { project } = example;
    images[release] = await example.release(await shopImage(release));
    const args = ['deploy', project.target, '--auto-migrate', '--health-check'];
    return approved(await project.cli(args, { ms: MS }), people);
  }

  it(
    'medium: backed up, rehearsed in the image, approved by one',
    async () => {
      expect(await deploy('r4', 'bo')).toMatch(
        /done +back up.*done +rehearse.*done +migrate.*done +deploy.*done +health/s,
      );
      expect(await example.running('green')).toBe(images['r4']);
      expect(await example.visit()).toMatchObject({ release: 'r4', revision: '0005_customer_orders' });
    },
    MS,
  );

  it(
    'high: behind closed doors',
    async () => {
      expect(await deploy('r5', 'bo')).toMatch(
        /done +rehearse.*done +maintenance on.*done +back up again.*done +migrate.*done +maintenance off/s,
      );
      expect(await example.running('app')).toBe(images['r5']);
      expect(await example.visit()).toMatchObject({ release: 'r5', revision: '0006_long_parcels' });
    },
    MS,
  );

  it(
    'not back, while there is a number that an integer cannot hold: it is named',
    async () => {
      const { project } = example;
      await rows(`insert into parcels (number) values (3000000000)`);
      const back = await project.cli(['rollback', project.target], { ms: MS });
      expect(back.out + back.err).toContain(
        'parcels.number has 1 value that int4 cannot hold (parcels 3000000000)',
      );
      expect(back.code).toBe(1);
      await rows('delete from parcels where number = 3000000000');
    },
    MS,
  );

  it(
    'high, and back over the change of a type: approved by one, every number as it was',
    async () => {
      const { project } = example;
      const told = await approved(await project.cli(['rollback', project.target], { ms: MS }), ['bo']);
      expect(told).toMatch(
        /done +maintenance on.*done +put the release back.*done +put the schema back.*done +maintenance off/s,
      );
      expect(await example.running('green')).toBe(images['r4']);
      expect(await example.visit()).toMatchObject({ release: 'r4', revision: '0005_customer_orders' });
      expect(
        await rows(
          `select data_type as type from information_schema.columns where (table_name, column_name) = ('parcels', 'number')`,
        ),
      ).toEqual([{ type: 'integer' }]);
    },
    MS,
  );

  it(
    'very high: approved by two, what goes is kept',
    async () => {
      await deploy('r7', 'bo', 'cy');
      expect(await example.running('app')).toBe(images['r7']);
      expect(await example.visit()).toMatchObject({ release: 'r7', revision: '0008_cents_again' });
      expect(await rows(MONEY)).toEqual(before);
      const { out } = await example.project.cli(['keepsake', 'list', example.project.target]);
      expect(out).toMatch(/public\.orders +drops the column total/);
    },
    MS,
  );

  it(
    'not back from there, now that there are totals which only the new column has',
    async () => {
      const back = await example.project.cli(['rollback', example.project.target], { ms: MS });
      expect(back.out + back.err).toContain('orders.total_cents has');
      expect(back.code).toBe(1);
      expect(await example.visit()).toMatchObject({ release: 'r7', revision: '0008_cents_again' });
    },
    MS,
  );

  it(
    'low, and back: image and schema together, the site open all the while',
    async () => {
      const { project } = example;
      images['r8'] = await example.release(await shopImage('r8'));
      const args = ['deploy', project.target, '--auto-migrate', '--health-check'];
      const there = await project.cli(args, { ms: MS });
      if (there.code !== 0) throw new Error(`${there.out}${there.err}`);
      expect(await example.running('green')).toBe(images['r8']);
      const back = await project.cli(['rollback', project.target], { ms: MS });
      if (back.code !== 0) throw new Error(`${back.out}${back.err}`);
      expect(back.out).toMatch(/done +put the release back.*done +put the schema back/s);
      expect(await example.running('app')).toBe(images['r7']);
      expect(await example.idOf(example.latest)).toBe(images['r7']);
      expect(await example.visit()).toMatchObject({ release: 'r7', revision: '0008_cents_again' });
    },
    MS,
  );

  it('has turned nobody away but those who came while it was closed, and lost no order', async () => {
    const { requests, orders } = await load.stop();
    const closures = records.flatMap((record) => closureOf(record) ?? []);
    expect(closures).toHaveLength(3);
    const { ok, closed, failed, slowestMs } = trafficOf(requests);
    process.stderr.write(
      `${ok} answered, ${closed} while closed, ${failed} failed, ${slowestMs} ms at most\n`,
    );
    const bad = requests.filter(
      ({ status }) => status !== 503 && !(status !== null && status >= 200 && status < 300),
    );
    expect(bad).toEqual([]);
    expect(closedOutside(requests, closures)).toEqual([]);
    expect(closed).toBeGreaterThan(0);
    expect(await rows('select count(*)::int as n from orders')).toEqual([{ n: 100 + orders }]);
  }, 120_000);
});
