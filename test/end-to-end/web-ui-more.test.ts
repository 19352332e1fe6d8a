import { jest } from '@jest/globals';
import { index, RunsInWebUi, saidIn } from '../support/web-ui-runs.js';

/** Its verification fails, and its migration cannot be taken back, as only trying it shows. */
const STUCK = {
  id: '0004_spoilt',
  up: 'op.add_column("orders", sa.Column("spoilt", sa.Text()))',
  down: 'op.drop_index("never_was")',
};

/** A browser is slow on a machine that has much else to do. */
jest.setTimeout(240_000);

let runs: RunsInWebUi;
beforeAll(async () => {
  runs = await RunsInWebUi.open({
    releases: { r3: [index('0003_id', 'id')], r4: [STUCK] },
    settings: {
      verify: [
        {
          name: 'no column is called spoilt',
          sql: "select attname from pg_attribute where attname = 'spoilt'",
          rows: 0,
        },
      ],
    },
  });
});
afterAll(() => runs?.close());

it('goes on when it is approved by update', async () => {
  await runs.start('r3');
  await runs.comesTo('waiting');
  const plan = await runs.plan();
  await runs.ui.compose('update', 'approve', { by: 'cy@example.com', plan });
  await runs.ui.picture('9-update');
  await runs.ui.send('update');
  await runs.comesTo('done');
  expect(saidIn(await runs.record())).toEqual([
    { kind: 'said', message: 'approve', by: 'cy@example.com', via: 'update' },
    { kind: 'sender', message: 'approve', by: 'cy@example.com', identity: '' },
  ]);
  expect(await runs.project.running()).toBe('r3');
});

it('a run shows nothing of the one before, though the page Start Workflow hands it on', async () => {
  await runs.start('r9');
  await runs.comesTo('failed');
  const about = await runs.project.temporal([
    ...['workflow', 'describe', '--workflow-id', runs.project.workflowId, '--output', 'json'],
  ]);
  expect(about.out).toContain('LockkeeperTarget');
  expect(about.out).not.toContain('LockkeeperPlan');
  await runs.ui.visit();
  expect(await runs.ui.currentDetails()).toMatch(/deploy shop\S*: failed\s+The database is unchanged.*r9/s);
  await runs.ui.picture('10-failed');
});

it('an undo that failed: the page says what is left to do by hand, and a person ends the run', async () => {
  await runs.start('r4');
  await runs.comesTo('repair');
  await runs.ui.visit();
  const page = await runs.ui.currentDetails();
  await runs.ui.picture('11-repair');
  expect(page).toMatch(/deploy shop\S*: an undo failed\s+The database is/);
  expect(page).toMatch(/Put it right: put the schema back failed.*never_was/s);
  expect(page).toMatch(/put the schema back: with the revision files of r4: alembic downgrade 0003_id/);
  expect(page).toMatch(/Why it was to be undone: verify failed.*no column is called spoilt/s);
  await runs.ui.compose('update', 'stop', { by: 'di@example.com', note: 'dropped it', doneByHand: true });
  await runs.ui.send('update');
  await runs.comesTo('needs operator');
  expect(saidIn(await runs.project.record())).toMatchObject([
    { message: 'stop', by: 'di@example.com', note: 'dropped it; the rest was done by hand' },
    { kind: 'sender', message: 'stop', by: 'di@example.com', identity: '' },
  ]);
});
