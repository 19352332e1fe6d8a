import { jest } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { Fact, RunRecord } from '../../src/domain/record.js';
import { Project, until } from '../support/project.js';
import { findChromium } from '../support/browser.js';
import { PICTURES, WebUi } from '../support/web-ui.js';

/** An index on a table that is in use: medium, so a person decides. */
const index = (id: string, column: string) => ({
  id,
  up: `with op.get_context().autocommit_block():
        op.create_index("ix_${id}", "orders", ["${column}"], postgresql_concurrently=True)`,
  down: `with op.get_context().autocommit_block():
        op.drop_index("ix_${id}", postgresql_concurrently=True)`,
});

/** Its verification fails, and its migration cannot be taken back, as only trying it shows. */
const STUCK = {
  id: '0004_spoilt',
  up: 'op.add_column("orders", sa.Column("spoilt", sa.Text()))',
  down: 'op.drop_index("never_was")',
};

/** A browser is slow on a machine that has much else to do. */
jest.setTimeout(120_000);

let project: Project;
let ui: WebUi;
let client: Client;
beforeAll(async () => {
  await findChromium(process.env);
  project = await Project.make({
    releases: { r2: [index('0002_total', 'total')], r3: [index('0003_id', 'id')], r4: [STUCK] },
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
  await project.worker();
  client = new Client({
    connection: await Connection.connect({ address: project.servers.temporal.address }),
  });
  ui = await WebUi.open(project.servers.temporal.uiUrl, project.workflowId);
});
afterAll(async () => {
  await ui?.close();
  await client?.connection.close();
  await project?.close();
  process.stderr.write(`pictures of the Web UI: ${PICTURES}\n`);
});

const start = (release: string) =>
  ui.start('deploy', project.target, {
    target: project.target,
    release,
    requestedBy: 'ana@example.com',
  });

const run = () => client.workflow.getHandle(project.workflowId);
const record = (): Promise<RunRecord> => run().query<RunRecord>('record');
const comesTo = (outcome: RunRecord['outcome']): Promise<void> =>
  until(async () => (await record()).outcome === outcome, 40_000, outcome, 200);

const waitingPlan = (facts: readonly Fact[]): string => {
  const asked = facts.findLast((fact) => fact.kind === 'asked');
  return asked?.kind === 'asked' ? asked.planHash.slice(0, 12) : 'no plan';
};
const saidIn = ({ facts }: RunRecord) =>
  facts.filter(({ kind }) => ['said', 'refused', 'sender'].includes(kind)).map(({ at: _, ...fact }) => fact);

it('without a browser this test says what to install', async () => {
  await expect(findChromium({ PATH: '/nowhere' })).rejects.toThrow(
    /no Chromium in PATH.*apt-get install chromium.*LOCKKEEPER_CHROMIUM/,
  );
  await expect(findChromium({ LOCKKEEPER_CHROMIUM: '/nowhere/chromium' })).rejects.toThrow(
    'LOCKKEEPER_CHROMIUM names no program: /nowhere/chromium',
  );
});

describe('a run that waits for a person', () => {
  let plan: string;

  it('is started by the page Start Workflow, and stops at its gate', async () => {
    await start('r2');
    await comesTo('waiting');
    plan = waitingPlan((await record()).facts);
  });

  it('says on the timeline that it waits, and where to look', async () => {
    await ui.visit();
    await ui.sees('waiting for a decision: User Metadata says what, and how');
    await ui.sees('check: what would run, and how dangerous it is');
    await ui.picture('2-timeline');
  });

  it('says on its page what is decided, by when, and how: first of all', async () => {
    const page = await ui.currentDetails();
    await ui.picture('3-gate');
    expect(page).toMatch(/^\s*deploy shop\S*: waiting for a decision\s+The database is unchanged/);
    expect(page).toMatch(/Yes or no, until \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(page).toMatch(/1 person must approve it.*Nobody has approved it yet.*ana@example.com/s);
    expect(page).toContain(`"plan":"${plan}"`);
    expect(page).toMatch(/No: the same as reject. The run ends, and nothing was changed./);
    expect(page).toMatch(/the site stays open.*building ix_0002_total on orders.*A rollback later would/s);
  });

  it('refuses another plan by update: in words in the dialog, without a stack', async () => {
    await ui.compose('update', 'approve', { by: 'bo@example.com', plan: 'ffffffffffff' });
    const refusal = await ui.sendInVain('update', /not the plan/);
    await ui.picture('4-refused');
    expect(refusal.trim()).toBe(`ffffffffffff is not the plan that waits: it is ${plan}`);
    await ui.dismiss('update');
  });

  it('refuses JSON that is no object', async () => {
    await ui.compose('update', 'approve', 'yes');
    const refusal = await ui.sendInVain('update', /one JSON object/);
    await ui.picture('5-malformed');
    expect(refusal.trim()).toBe('this takes one JSON object, such as {"by":"you@example.com"}; got "yes"');
    await ui.dismiss('update');
    await ui.compose('signal', 'approve', 'yes');
    await ui.send('signal');
  });

  it('refuses nothing at all', async () => {
    await ui.compose('signal', 'approve');
    await ui.send('signal');
  });

  it('shows the refusals on its page: a signal is not answered otherwise', async () => {
    await ui.visit();
    const page = await ui.currentDetails();
    await ui.picture('6-said');
    expect(page).toMatch(/approve of bo@example.com refused: ffffffffffff is not the plan that waits/);
    expect(page).toMatch(/approve of nobody named refused: this takes one JSON object.*got "yes"/);
    expect(page).toMatch(/approve of nobody named refused: this takes one JSON object.*got nothing/);
  });

  it('goes on when it is approved by signal', async () => {
    await ui.compose('signal', 'approve', { by: 'bo@example.com', plan, note: 'looked at it' });
    await ui.picture('7-signal');
    await ui.send('signal');
    await comesTo('done');
    await ui.visit();
    expect(await ui.currentDetails()).toMatch(/deploy shop\S*: done/);
    await ui.picture('8-done');
    expect(await project.running()).toBe('r2');
  });

  it('has on record who was named, and that the Web UI did not say who sent it', async () => {
    const wrongForm = 'this takes one JSON object, such as {"by":"you@example.com"}; got';
    const refused = { kind: 'refused', message: 'approve' };
    const sender = { kind: 'sender', message: 'approve', identity: '' };
    expect(saidIn(await record())).toEqual([
      {
        ...{ ...refused, by: 'bo@example.com', via: 'update' },
        why: `ffffffffffff is not the plan that waits: it is ${plan}`,
      },
      { ...refused, by: 'nobody named', via: 'signal', why: `${wrongForm} "yes"` },
      { ...refused, by: 'nobody named', via: 'signal', why: `${wrongForm} nothing` },
      { kind: 'said', message: 'approve', by: 'bo@example.com', via: 'signal', note: 'looked at it' },
      { ...sender, by: 'bo@example.com' },
      { ...sender, by: '' },
      { ...sender, by: '' },
      { ...sender, by: 'bo@example.com' },
    ]);
  });

  it('has in Temporal’s history what a handler refused, and nothing of what a validator did', async () => {
    const shown = await project.temporal([
      ...['workflow', 'show', '--workflow-id', project.workflowId, '--output', 'json'],
    ]);
    const { events } = JSON.parse(shown.out) as { events: { eventType: string }[] };
    const about = events.filter(({ eventType }) => /UPDATE_|SIGNALED/.test(eventType));
    expect(about.map(({ eventType }) => eventType.replace('EVENT_TYPE_WORKFLOW_EXECUTION_', ''))).toEqual([
      ...['UPDATE_ACCEPTED', 'UPDATE_COMPLETED'],
      ...['SIGNALED', 'SIGNALED', 'SIGNALED'],
    ]);
    expect(JSON.stringify(about[1])).toMatch(
      /"failure":\{"message":"ffffffffffff is not the plan that waits/,
    );
    expect(JSON.stringify(about)).not.toMatch(/stackTrace":"[^"]|"identity":"[^"]/);
  });
});

it('goes on when it is approved by update', async () => {
  await start('r3');
  await comesTo('waiting');
  const plan = waitingPlan((await record()).facts);
  await ui.compose('update', 'approve', { by: 'cy@example.com', plan });
  await ui.picture('9-update');
  await ui.send('update');
  await comesTo('done');
  expect(saidIn(await record())).toEqual([
    { kind: 'said', message: 'approve', by: 'cy@example.com', via: 'update' },
    { kind: 'sender', message: 'approve', by: 'cy@example.com', identity: '' },
  ]);
  expect(await project.running()).toBe('r3');
});

it('a run shows nothing of the one before, though the page Start Workflow hands it on', async () => {
  await start('r9');
  await comesTo('failed');
  const about = await project.temporal([
    ...['workflow', 'describe', '--workflow-id', project.workflowId, '--output', 'json'],
  ]);
  expect(about.out).toContain('LockkeeperTarget');
  expect(about.out).not.toContain('LockkeeperPlan');
  await ui.visit();
  expect(await ui.currentDetails()).toMatch(/deploy shop\S*: failed\s+The database is unchanged.*r9/s);
  await ui.picture('10-failed');
});

it('an undo that failed: the page says what is left to do by hand, and a person ends the run', async () => {
  await start('r4');
  await comesTo('repair');
  await ui.visit();
  const page = await ui.currentDetails();
  await ui.picture('11-repair');
  expect(page).toMatch(/deploy shop\S*: an undo failed\s+The database is/);
  expect(page).toMatch(/Put it right: put the schema back failed.*never_was/s);
  expect(page).toMatch(/put the schema back: with the revision files of r4: alembic downgrade 0003_id/);
  expect(page).toMatch(/Why it was to be undone: verify failed.*no column is called spoilt/s);
  await ui.compose('update', 'stop', { by: 'di@example.com', note: 'dropped it', doneByHand: true });
  await ui.send('update');
  await comesTo('needs operator');
  expect(saidIn(await project.record())).toMatchObject([
    { message: 'stop', by: 'di@example.com', note: 'dropped it; the rest was done by hand' },
    { kind: 'sender', message: 'stop', by: 'di@example.com', identity: '' },
  ]);
});
