import { newPhases, type WrittenPhases } from '../../../src/activities/phases-new.js';
import { ShopLoad, type LoadReport } from '../../support/shop-load/shop-load.js';
import { loadTable } from '../../support/shop-load/told.js';
import { sample, seed, whole } from '../../support/kills-sample.js';
import { fillAs } from './filling.js';
import { Phases, work } from './migrating.js';
import { changes, type ShopChange } from './shop-changes.js';
import { shopProject, type ShopProject } from './shop-project.js';

/** In full size: `npm run test:matrix`, or by hand with LOCKKEEPER_TPS and LOCKKEEPER_ORDERS. */
const TPS = Number(process.env.LOCKKEEPER_TPS ?? (whole ? 500 : 60));
const ORDERS = Number(process.env.LOCKKEEPER_ORDERS ?? (whole ? 300_000 : 3_000));
/** How long each state is looked at by itself. */
const SECONDS = whole ? 10 : 1;
/** A client has one transaction at a time, and of so many a second none waits for its turn. */
const CLIENTS = whole ? 25 : 10;

let shop: ShopProject;
let load: ShopLoad | undefined;
afterEach(async () => {
  await load?.stop();
  await shop.remove();
});

const chosen = sample(changes, 1);

it.each(chosen.map((each) => [each.name, each] as const))(
  '%s: five phases and back under load, no statement fails, no write is lost',
  async (_, change) => {
    shop = await shopProject(ORDERS);
    const { target, url } = shop;
    const wanted = { columns: [], into: {}, set: {}, back: {}, by: [], ...change.wanted };
    const asked = { intent: change.intent, wanted, change: 'the-change', release: 'r5', dry: false };
    const written = await newPhases(target, asked, work);
    const phases = await Phases.of(target);
    const running = await ShopLoad.start({
      ...{ url, sides: change.sides, clients: CLIENTS, rate: TPS, seed, use: change.old },
    });
    load = running;
    const seen: [step: string, LoadReport][] = [];
    const step = async (name: string, act: () => Promise<unknown>, read: readonly string[]) => {
      work.progress(name);
      await act();
      seen.push([name, await running.report()]);
      expect([name, await running.compare(read)]).toEqual([name, []]);
      await running.report();
    };
    const { use } = running;
    await forth(change, { phases, step, use }, written);
    await back(change, { phases, step, use });
    const title = `${change.name}: ${ORDERS} orders, ${TPS} transactions a second wanted`;
    process.stderr.write(`${loadTable(title, seen)}\n`);
    expect(seen.filter(([, { failed }]) => failed)).toEqual([]);
    expect(seen.filter(([, { transactions }]) => transactions === 0)).toEqual([]);
  },
  600_000,
);

interface Going {
  phases: Phases;
  /** @param read - the releases that must read what was committed, at its end */
  step: (name: string, act: () => Promise<unknown>, read: readonly string[]) => Promise<void>;
  use: ShopLoad['use'];
}

const still = () => new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));

async function forth(
  change: ShopChange,
  { phases, step, use }: Going,
  written: WrittenPhases,
): Promise<void> {
  const { old, filling, filled, last } = change;
  await step('nothing, old code', still, old);
  await step('expand', () => phases.run('upgrade', 'expand'), old);
  await use(filling);
  await step('deploy, old and new code', still, filling);
  await step('backfill', () => fillAs('backfill', written, shop.url), filled);
  await use(filled);
  await step('constrain', () => phases.run('upgrade', 'constrain'), filled);
  await use(old);
  await step('application put back to old code', still, filled);
  await use(last);
  await step('contract', () => phases.run('upgrade', 'contract'), last);
}

async function back({ old, filled, last }: ShopChange, { phases, step, use }: Going): Promise<void> {
  await step('back from contract', () => phases.run('downgrade', 'contract'), [...last, ...filled]);
  await use(filled);
  await step('back from constrain', () => phases.run('downgrade', 'constrain'), filled);
  await use(old);
  await step('back from expand', () => phases.run('downgrade', 'expand'), old);
}
