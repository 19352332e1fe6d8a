import { jest } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { PhasesStatus } from '../../src/domain/phases/status.js';
import { changes, type ShopChange } from '../services/phases/shop-changes.js';
import { fillShop, shopAtR4 } from '../services/phases/shop-project.js';
import { sample, seed, whole } from '../support/kills-sample.js';
import { approveByTwo } from '../support/people.js';
import { Project, until } from '../support/project.js';
import { templateDatabase } from '../support/servers.js';
import { ShopLoad, type LoadReport } from '../support/shop-load/shop-load.js';
import { loadTable } from '../support/shop-load/told.js';

/** In full size: `npm run test:matrix`, or by hand with LOCKKEEPER_TPS and LOCKKEEPER_ORDERS. */
const TPS = Number(process.env.LOCKKEEPER_TPS ?? (whole ? 500 : 30));
const ORDERS = Number(process.env.LOCKKEEPER_ORDERS ?? (whole ? 300_000 : 2_000));
/** A client has one transaction at a time, and of so many a second none waits for its turn. */
const CLIENTS = whole ? 25 : 10;
const MS = 1_500_000;
jest.setTimeout(2 * MS);

/**
 * The shop's changes as its users make them: `phases start`, `go` and `back` at each phase, people who approve, a real
 * Temporal, PostgreSQL and worker, while clients of old and new code are at work. There is no closure in the settings: what
 * wanted to close the site would be refused.
 */
const CHANGE = 'the-change';
let project: Project;
let load: ShopLoad;
let seen: [step: string, LoadReport][];
afterEach(async () => {
  await load?.stop();
  await project?.close();
});

async function shopWith({ intent, wanted }: ShopChange): Promise<void> {
  project = await Project.make({
    releases: {},
    template: await templateDatabase(`lk_shop_deliveries_${ORDERS}`, async (url) => {
      const files = await mkdtemp(join(tmpdir(), 'lk-shop-'));
      shopAtR4(files);
      await fillShop(url, files, ORDERS);
      await rm(files, { recursive: true });
    }),
  });
  for (const release of ['r4', 'r5']) shopAtR4(project.path('releases', release));
  if (wanted.to) await renameInCode(project.path('releases/r5/shop'), wanted.columns![0]!, wanted.to);
  await writeFile(project.path('running'), 'r4');
  await project.configure({ verify: [], phases: { contract: 'online' } });
  const file = {
    ...{ change: CHANGE, release: 'r5', deploy: { ask: true }, backfill: { ask: true } },
    ...{ constrain: { ask: true }, contract: { after: '0s', ask: true, proofEvery: '10s' } },
  };
  await writeFile(project.path('change.yaml'), stringify(file));
  const { table, columns = [], to, type } = wanted;
  const what = [...(to ? ['--to', to] : []), ...(type ? ['--type', type] : [])];
  const at = ['--table', table, '--column', columns[0]!, ...what];
  await cli('phases', 'new', intent, ...at, '--change', CHANGE, '--release', 'r5', project.target);
  await project.worker();
}

/** What r5 is for: its code does without the old name. */
async function renameInCode(folder: string, from: string, to: string): Promise<void> {
  for (const name of ['main.py', 'models.py']) {
    const path = join(folder, name);
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll(from, to));
  }
}

const cli = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await project.cli(args, { ms: 300_000 });
  if (code !== 0) throw new Error(`lockkeeper ${args.join(' ')}: ${out}${err}`);
  return out;
};
const phases = (word: string, ...more: string[]) => cli('phases', word, project.target, CHANGE, ...more);
/** While it waits for people its exit code says so. */
const status = async () =>
  JSON.parse((await project.cli(['phases', 'status', project.target, CHANGE, '--json'])).out) as PhasesStatus;

/** Until the change waits for a person before the phase, or is over: what waits for old code to be gone is waited for. */
async function settled(before: string): Promise<PhasesStatus> {
  let now = await status();
  await until(
    async () => {
      now = await status();
      if (now.state === 'needs a person') throw new Error(`${now.says}: ${JSON.stringify(now.failure)}`);
      if (now.state === 'done' || (now.state === 'waits' && now.next.length > 0 && !now.proof)) return true;
      await approveByTwo(project);
      return false;
    },
    MS,
    `the change before ${before}`,
    1_000,
  );
  expect(now.state === 'done' ? 'the end' : now.phase).toBe(before);
  return now;
}

/** @param read - the releases that must read what was committed, at its end */
async function step(name: string, act: () => Promise<unknown>, read: readonly string[]): Promise<void> {
  await load.report();
  await act();
  const report = await load.report();
  seen.push([name, report]);
  process.stderr.write(
    `${name}: ${report.seconds} s, ${report.failed} of ${report.statements} statements failed\n`,
  );
  expect([name, await load.compare(read)]).toEqual([name, []]);
}

const go = async (before: string) => {
  await phases('go');
  return settled(before);
};
const back = async (before: string) => {
  await phases('back');
  return settled(before);
};

/** After contract the change is over: what takes it back is a rollback as any. */
async function rollback(): Promise<void> {
  const started = await project.cli(['rollback', project.target, '--schema-only'], { ms: 300_000 });
  expect(started).toMatchObject({ code: 3, err: '' });
  await approveByTwo(project);
  const isOver = async () => {
    const { kind, outcome } = await project.record();
    return kind === 'rollback' && outcome !== 'running' && outcome !== 'waiting';
  };
  await until(isOver, MS, 'the rollback', 1_000);
  expect(await project.record()).toMatchObject({ kind: 'rollback', outcome: 'done' });
}

it.each(sample(changes, 1).map((each) => [each.name, each] as const))(
  '%s: through all phases by `phases start`, back at each and forward again, and no statement fails',
  async (_, change) => {
    seen = [];
    const { old, filling, filled, last, sides } = change;
    await shopWith(change);
    load = await ShopLoad.start({
      ...{ url: project.url, sides, clients: CLIENTS, rate: TPS, seed, use: old },
    });
    const start = ['phases', 'start', project.target, '--file', 'change.yaml'];

    await step('expand', async () => (await cli(...start), settled('deploy')), old);
    await step('back from expand', () => back('expand'), old);
    await step('expand again', () => go('deploy'), old);
    await load.use(filling);
    await step('deploy', () => go('backfill'), filling);
    await load.use(old);
    await step('back from deploy', () => back('deploy'), old);
    await load.use(filling);
    await step('deploy again', () => go('backfill'), filling);
    await step('backfill', () => go('constrain'), filled);
    await step('back from backfill', () => back('backfill'), filled);
    await step('backfill again', () => go('constrain'), filled);
    await load.use(filled);
    await step('constrain', () => go('contract'), filled);
    await step('back from constrain', () => back('constrain'), filled);
    await step('constrain again', () => go('contract'), filled);
    // The release that stays was started again since the deploy: what its pool kept from before would count as old code.
    await load.use(old);
    await load.use(last);
    await step('contract', () => go('the end'), last);
    const report = await phases('report');
    expect(report).toMatch(/the-change of shop-\w+: done/);
    await step('back from contract', rollback, [...last, ...filled]);
    // It goes on where the first was, and waits for a person.
    const again = await project.cli(start);
    expect(again).toMatchObject({ code: 3, err: '' });
    expect(again.out).toContain('it goes on where an earlier run was');
    await step('contract again', () => go('the end'), last);

    process.stderr.write(`${loadTable(`${change.name}: ${ORDERS} orders, ${TPS} a second wanted`, seen)}\n`);
    expect(seen.filter(([, { failed, transactions }]) => failed || !transactions)).toEqual([]);
    const { lines } = await status();
    expect(lines.filter(({ state }) => state !== 'done' && state !== 'nothing to do')).toEqual([]);
    expect((await project.record()).steps).not.toContain('maintenance on');
  },
);
