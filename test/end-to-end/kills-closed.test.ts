import { setTimeout as sleep } from 'node:timers/promises';
import { atRandom, BRIDGE, faultsAfter, held, soon, type Case } from '../support/kills-cases.js';
import { places, type Instant } from '../support/kills-project.js';
import { patience, sample, together } from '../support/kills-sample.js';
import type { Scene } from '../support/kills.js';

const RESTART_MS = 3_000;
const closedPlaces = places.filter(({ risk }) => risk === 'very-high').map(({ at }) => at);

/** The run is let go on; somebody starts nginx again a moment later, as systemd does. */
async function nginxAwhile(scene: Scene): Promise<void> {
  await scene.closed!.site.kill();
  await scene.release();
  await sleep(RESTART_MS);
  await scene.closed!.site.again();
}

/** While it is away nothing has to be begun again. */
const nginx = (at: readonly Instant[]): Case[] =>
  held('nginx', nginxAwhile, at, 'very-high').map((each) => {
    const { settled: _, ...rest } = each;
    return { ...rest, again: false };
  });

const all: Case[] = [
  ...atRandom('the worker', (scene) => scene.replaceWorker(), 'very-high'),
  ...atRandom('alembic', (scene) => soon(async () => (await scene.kill(BRIDGE)) > 0), 'very-high'),
  ...atRandom('any tool', (scene) => scene.killTools(), 'very-high'),
  ...held('the worker', (scene) => scene.replaceWorker(), closedPlaces, 'very-high'),
  ...held(
    'alembic',
    (scene) => scene.kill(BRIDGE),
    [
      'check',
      'rehearse: migrate: a statement',
      'rehearse: put the schema back',
      'migrate: a statement',
      'migrate: between two',
    ],
    'very-high',
  ),
  ...held('pg_dump', (scene) => scene.kill('/pg_dump'), ['back up', 'back up again'], 'very-high'),
  ...held(
    'pg_restore',
    (scene) => scene.kill('/pg_restore'),
    ['rehearse: restoring', 'restore: restoring'],
    'very-high',
  ),
  ...nginx([
    'marks',
    'maintenance on',
    'maintenance on: a writer',
    'back up again',
    'migrate: a statement',
    'verify',
    'deploy',
    'health',
    'maintenance off',
    'put the release back',
    'restore: restoring',
    'maintenance off, undone',
  ]),
];

describe('after kill -9 a run that closes the site goes on by itself, and ends as old or as new, and open', () => {
  const cases = sample(all, 3);
  const results = together(cases, faultsAfter);
  it.each(cases.map((each, index) => ({ ...each, index })))(
    '$victim is killed: $at',
    async ({ index }) => {
      expect(await results(index)).toEqual([]);
    },
    240_000 * patience,
  );
});
