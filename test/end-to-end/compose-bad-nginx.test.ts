import { readFile, writeFile } from 'node:fs/promises';
import { FirstRelease, MS } from '../support/docker/first-release.js';
import { until } from '../support/project.js';
import { told } from '../support/told.js';

/** nginx is the team's: nothing reloads it, and nothing is blamed on the release that is nginx's. */
describe('a deploy by compose behind an nginx whose configuration was broken before', () => {
  let shop: FirstRelease;
  let good: string;
  const conf = () => shop.example.project.path('nginx', 'nginx.conf');
  const broken = () => good.replace('keepalive 16;', 'keepalive sixteen;');
  beforeAll(async () => {
    shop = await FirstRelease.make();
    good = await readFile(conf(), 'utf8');
    await writeFile(conf(), broken());
  }, 900_000);
  afterAll(() => shop?.close());

  it(
    'and that has ended since: it is told before, the release goes back, and then a person is asked, who is told where to look',
    async () => {
      const { example } = shop;
      await example.compose('restart', '-t', '1', 'nginx');
      await until(async () => (await example.visit()) === null, 60_000, 'the end of nginx');
      const on = await shop.cli('maintenance', 'on');
      expect(told(example.project, on)).toMatch(/nothing answers at .*nginx -t.*code +\S+/s);
      expect(on.code).toBe(1);
      await example.release(shop.r2);
      const ran = await shop.deploy();
      expect(told(example.project, ran)).toMatch(
        /done +check.*NOT HEALTHY ALREADY, BEFORE THIS RUN: \S+: nothing listens there.*failed +health.*failed +put the release back.*see whether what leads to the application runs: nginx -t.*code +unhealthy/s,
      );
      expect(ran.code).toBe(4);
      expect([await example.running(), await shop.revision()]).toEqual([shop.r1, '0002_gifts']);
      expect(await example.visit()).toBeNull();
    },
    MS,
  );

  it(
    'and that was mended: what was left to undo is undone',
    async () => {
      const { example } = shop;
      await writeFile(conf(), good);
      await example.compose('restart', '-t', '1', 'nginx');
      await until(async () => (await example.visit()) !== null, 60_000, 'nginx');
      await shop.cli('retry');
      const ended = await shop.cli('status', '--watch');
      expect(told(example.project, ended)).toMatch(
        /undone +put the release back.*undone +put the schema back/s,
      );
      await shop.expectFirst();
    },
    MS,
  );

  it(
    'and that runs still: nothing reloads it, and all goes well',
    async () => {
      const { example } = shop;
      await writeFile(conf(), broken());
      await example.release(shop.r2);
      expect(await shop.deploy()).toMatchObject({ code: 0 });
      expect(await example.visit()).toMatchObject({ release: 'r2', revision: '0002_gifts' });
      expect((await shop.cli('maintenance', 'on')).code).toBe(0);
      expect(await example.visit('/products')).toBe(503);
      expect((await shop.cli('maintenance', 'off')).code).toBe(0);
      expect(await example.visit('/products')).toMatchObject([{ name: 'tea' }]);
    },
    MS,
  );
});
