import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { sample } from '../../support/kills-sample.js';
import { type FaultCase, invariants, sceneIn, schema } from './fault-cases.js';
import { databaseCases } from './fault-cases-database.js';
import { serverCases } from './fault-cases-server.js';
import { toolCases } from './fault-cases-tools.js';
import { removeFolders, run } from './support.js';

const cases: readonly FaultCase[] = sample([...toolCases, ...serverCases, ...databaseCases], 4);

let template: TestDatabase;
beforeAll(async () => {
  template = await freshDatabase();
  await run(template.url, schema);
});
afterAll(() => template.drop());
afterEach(removeFolders);

it.each(cases)(
  'row $row: $name',
  async ({ act }) => {
    const database = await freshDatabase(template.name);
    try {
      const scene = await sceneIn(database.url);
      await act(scene);
      await invariants(scene);
    } finally {
      await database.drop();
    }
  },
  180_000,
);
