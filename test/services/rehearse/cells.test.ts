import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planFor } from '../../../src/activities/check.js';
import { readPlan } from '../../../src/activities/plans.js';
import { rehearsePlan } from '../../../src/activities/rehearse-plan.js';
import { rehearse } from '../../../src/activities/rehearse.js';
import { sweepScratchFolders } from '../../../src/adapters/scratch/folder.js';
import { sample } from '../../support/kills-sample.js';
import { until } from '../../support/project.js';
import { projectPython } from '../../support/servers.js';
import { oneValue } from '../backup/support.js';
import { die, problem, work } from '../restore/support.js';
import { ORDER, type PreparedShop, shopAt } from './shop.js';

const PATIENCE_MS = 500_000;
const ORDERS = ['GET /orders?limit=5', 'GET /customers/1/orders', 'POST /orders'];

let shop: PreparedShop | undefined;
afterEach(async () => {
  if (!shop) return;
  expect(await releasesOf(shop)).toEqual([]);
  expect(await readdir(join(shop.state, 'scratch')).catch(() => [])).toEqual([]);
  expect(await oneValue(shop.url, 'SELECT count(*)::int FROM orders')).toBe(200);
  await shop.close();
  shop = undefined;
});

/** Command lines of the releases that run with a database of this shop's name. */
async function releasesOf({ url }: PreparedShop): Promise<string[]> {
  const name = new URL(url).pathname;
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((each) => /^\d+$/.test(each))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const environment = await read('environ');
    if (environment.includes('LOCKKEEPER_LABEL=') && environment.includes(name))
      found.push(await read('cmdline'));
  }
  return found;
}

it(
  'a running release that breaks on the new schema is a finding, and stands in what is approved',
  async () => {
    shop = await shopAt('r5', 'r7');
    const { home, input, state } = shop;
    const { planHash, releases } = await rehearsePlan(home, input, work());
    const list = ORDERS.join(', ');
    expect(releases).toEqual([
      `r5 on the new schema fails (${list}): after the migration nobody is served until the release is deployed`,
      `r7 on the old schema fails (${list}): the release must not be deployed before the migration`,
      `r5 on what r7 has written fails (${list}): a rollback of the application alone is NOT safe: the schema has to go back, too`,
    ]);
    const { findings, rehearsal } = await readPlan(state, planHash);
    expect(rehearsal?.cells).toMatchObject({ running: 'r5', next: 'r7', nextItself: [] });
    expect(findings.find(({ rule }) => rule === 'running-release-breaks')).toMatchObject({
      ...{ risk: 'high', breaksRunning: true, evidence: 'rehearsal' },
      message: `r5, which runs now, fails on the new schema and not on the old one: ${list}`,
    });
    // Known from then on, of these two releases.
    const rules = async (running: string) =>
      (await planFor(home.target(), { name: 'r7', running }, work())).findings.map(({ rule }) => rule);
    expect(await rules('r5')).toContain('running-release-breaks');
    expect(await rules('r4')).not.toContain('running-release-breaks');
  },
  PATIENCE_MS,
);

/** A release that has production's URL in its code. */
const REACHES_OUT = `
import psycopg2, time
kept = psycopg2.connect("URL")
time.sleep(60)
`;

const others: Record<string, () => Promise<void>> = {
  'r2 serves on the schema of r4, and what r4 has written': async () => {
    shop = await shopAt('r2', 'r4', {
      requests: ['GET /orders', ORDER],
      health: { path: '/health', expect: { release: '{release}' }, deadlineSeconds: 10 },
    });
    const { releases } = await rehearsePlan(shop.home, shop.input, work());
    expect(releases).toEqual([
      'r2 on the new schema passes: the release may be deployed after the migration',
      'r4 on the old schema fails (start): the release must not be deployed before the migration',
      'r2 on what r4 has written passes: a rollback of the application alone is safe',
    ]);
  },
  'what only the next release knows fails on its own schema': async () => {
    const stock = { method: 'PUT', path: '/products/1/stock?on_hand=5', only: 'next' };
    shop = await shopAt('r2', 'r3', { requests: ['GET /orders', stock] });
    const { cells } = await rehearse(shop.home, shop.input, work());
    expect(cells?.nextOnNew).toEqual([
      { request: 'PUT /products/1/stock?on_hand=5', why: expect.stringMatching(/^it answered 500/) },
    ]);
  },
  'a worker that is killed takes the releases with it, and the next attempt is as if there had been none':
    async () => {
      shop = await shopAt('r2', 'r4', { requests: ['GET /orders'] });
      const { settings, input, url, home } = shop;
      await die({ dieAt: 'rehearsing: r4 on the new schema', url, rehearse: { settings, input } });
      const mine = shop;
      await until(async () => !(await releasesOf(mine)).length, 10_000, 'the end of the releases');
      await sweepScratchFolders(mine.state, 'shop');
      const { cells } = await rehearse(home, input, work());
      expect(cells).toMatchObject({ runningOnOld: [], runningOnNew: [], runningAfterNext: [] });
    },
  'one that connects to the live database is ended, and so is the rehearsal': async () => {
    shop = await shopAt('r2', 'r4');
    const script = join(shop.state, 'reaches.py');
    await writeFile(script, REACHES_OUT.replace('URL', shop.url));
    await shop.configure({ start: [projectPython, script] });
    const failed = await problem(rehearse(shop.home, shop.input, work()));
    expect(failed.code).toBe('rehearsal-touched-production');
  },
  'no way to the copy in its environment is refused before there is one': async () => {
    shop = await shopAt('r2', 'r4', { environment: { OTHER: '1' } });
    const failed = await problem(rehearse(shop.home, shop.input, work()));
    expect(failed.code).toBe('cells-without-way');
  },
};

it.each(sample(Object.keys(others), 1))('%s', (name) => others[name]!(), PATIENCE_MS);
