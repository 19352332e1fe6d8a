import { atRandom, BRIDGE, faultsAfter, held, soon, unheard, type Case } from '../support/kills-cases.js';
import { instants } from '../support/kills-project.js';
import { patience, sample, together } from '../support/kills-sample.js';

const all: Case[] = [
  ...atRandom('the worker', (scene) => scene.replaceWorker()),
  ...atRandom('alembic', (scene) => soon(async () => (await scene.kill(BRIDGE)) > 0)),
  ...atRandom('any tool', (scene) => scene.killTools()),
  ...held('the worker', (scene) => scene.replaceWorker(), instants),
  ...held('alembic', (scene) => scene.kill(BRIDGE), [
    'check',
    'migrate: a statement',
    'migrate: between two',
    'put the schema back',
  ]),
  unheard('before a statement is sent', '"ask": "statement"', 'old'),
  unheard('a statement is done, and not committed', '"event": "statement"', 'old'),
  unheard('before the commit', '"ask": "commit"', 'old'),
  unheard('committed, but not answered', '"event": "done"', 'new'),
  ...held('pg_dump', (scene) => scene.kill('/pg_dump'), ['back up']),
];

describe('after kill -9 the run goes on by itself, and ends as old or as new', () => {
  const cases = sample(all, 5);
  const results = together(cases, faultsAfter);
  it.each(cases.map((each, index) => ({ ...each, index })))(
    '$victim is killed: $at',
    async ({ index }) => {
      expect(await results(index)).toEqual([]);
    },
    240_000 * patience,
  );
});
