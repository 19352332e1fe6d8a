import { type Cells, cellsTexts, concludedFrom, fewerFaults, notTried } from './cells.js';

const fails = (...requests: string[]) => requests.map((request) => ({ request, why: 'it answered 500: {}' }));
const cells = (some: Partial<Cells> = {}): Cells => ({
  ...{ running: 'r1', next: 'r2', runningOnOld: [], nextOnOld: [], runningOnNew: [], nextOnNew: [] },
  ...{ runningAfterNext: [], ...some },
});
const texts = (some: Partial<Cells>) => cellsTexts(concludedFrom(cells(some)));

it('where all pass, the deploy may come on either side, and the application may go back alone', () => {
  expect(texts({})).toEqual([
    'r1 on the new schema passes: the release may be deployed after the migration',
    'r2 on the old schema passes: the release may be deployed before the migration, too',
    'r1 on what r2 has written passes: a rollback of the application alone is safe',
  ]);
});

it('each diagonal says what must not be done', () => {
  expect(
    texts({
      runningOnNew: fails('GET /orders', 'POST /orders'),
      nextOnOld: fails('start'),
      runningAfterNext: fails('GET /orders', 'POST /orders'),
      nextOnNew: fails('PUT /stock'),
    }),
  ).toEqual([
    'r1 on the new schema fails (GET /orders, POST /orders): after the migration nobody is served until the release is deployed',
    'r2 on the old schema fails (start): the release must not be deployed before the migration',
    'r1 on what r2 has written fails (GET /orders, POST /orders): a rollback of the application alone is NOT safe: the schema has to go back, too',
    'r2 on its own schema FAILS (PUT /stock)',
  ]);
});

it('what fails on its own schema, too, is no fault of the other one', () => {
  const { afterMigration, nextItself } = concludedFrom(
    cells({ runningOnOld: fails('PUT /stock'), runningOnNew: fails('PUT /stock'), nextOnNew: [] }),
  );
  expect({ afterMigration, nextItself }).toEqual({ afterMigration: [], nextItself: [] });
});

it('a release that does not even start on its own schema proves nothing', () => {
  const { afterMigration, rollbackAlone, beforeMigration } = concludedFrom(
    cells({ runningOnOld: fails('start'), runningOnNew: fails('start') }),
  );
  expect({ afterMigration, rollbackAlone, beforeMigration }).toEqual({
    ...{ afterMigration: null, rollbackAlone: null, beforeMigration: [] },
  });
  expect(texts({ runningOnOld: fails('start') })[0]).toBe(
    'r1 on the new schema: not known, as it does not pass on its own schema',
  );
});

it('where nobody knows what runs, nothing is said of it', () => {
  expect(texts({ running: null, ...notTried })).toEqual([expect.stringContaining('release.running')]);
});

it('a hundred faults travel as eight short ones', () => {
  const many = Array.from({ length: 100 }, (_, n) => ({ request: `GET /${n}`, why: 'x'.repeat(1_000) }));
  const { runningOnNew } = fewerFaults(cells({ runningOnNew: many }));
  expect(JSON.stringify(runningOnNew).length).toBeLessThan(2_500);
});
