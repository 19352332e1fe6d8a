import { jest } from '@jest/globals';
import { findChromium } from '../support/browser.js';
import { index, RunsInWebUi, saidIn } from '../support/web-ui-runs.js';

/** A browser is slow on a machine that has much else to do. */
jest.setTimeout(240_000);

let runs: RunsInWebUi;
beforeAll(async () => {
  runs = await RunsInWebUi.open({ releases: { r2: [index('0002_total', 'total')] } });
});
afterAll(() => runs?.close());

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
    await runs.start('r2');
    await runs.comesTo('waiting');
    plan = await runs.plan();
  });

  it('says on the timeline that it waits, and where to look', async () => {
    await runs.ui.visit();
    await runs.ui.sees('waiting for a decision: User Metadata says what, and how');
    await runs.ui.sees('check: what would run, and how dangerous it is');
    await runs.ui.picture('2-timeline');
  });

  it('says on its page what is decided, by when, and how: first of all', async () => {
    const page = await runs.ui.currentDetails();
    await runs.ui.picture('3-gate');
    expect(page).toMatch(/^\s*deploy shop\S*: waiting for a decision\s+The database is unchanged/);
    expect(page).toMatch(/Yes or no, until \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(page).toMatch(/1 person must approve it.*Nobody has approved it yet.*ana@example.com/s);
    expect(page).toContain(`"plan":"${plan}"`);
    expect(page).toMatch(/No: the same as reject. The run ends, and nothing was changed./);
    expect(page).toMatch(/the site stays open.*building ix_0002_total on orders.*A rollback later would/s);
  });

  it('refuses another plan by update: in words in the dialog, without a stack', async () => {
    await runs.ui.compose('update', 'approve', { by: 'bo@example.com', plan: 'ffffffffffff' });
    const refusal = await runs.ui.sendInVain('update', /not the plan/);
    await runs.ui.picture('4-refused');
    expect(refusal.trim()).toBe(`ffffffffffff is not the plan that waits: it is ${plan}`);
    await runs.ui.dismiss('update');
  });

  it('refuses JSON that is no object', async () => {
    await runs.ui.compose('update', 'approve', 'yes');
    const refusal = await runs.ui.sendInVain('update', /one JSON object/);
    await runs.ui.picture('5-malformed');
    expect(refusal.trim()).toBe('this takes one JSON object, such as {"by":"you@example.com"}; got "yes"');
    await runs.ui.dismiss('update');
    await runs.ui.compose('signal', 'approve', 'yes');
    await runs.ui.send('signal');
  });

  it('refuses nothing at all', async () => {
    await runs.ui.compose('signal', 'approve');
    await runs.ui.send('signal');
  });

  it('shows the refusals on its page: a signal is not answered otherwise', async () => {
    await runs.ui.visit();
    const page = await runs.ui.currentDetails();
    await runs.ui.picture('6-said');
    expect(page).toMatch(/approve of bo@example.com refused: ffffffffffff is not the plan that waits/);
    expect(page).toMatch(/approve of nobody named refused: this takes one JSON object.*got "yes"/);
    expect(page).toMatch(/approve of nobody named refused: this takes one JSON object.*got nothing/);
  });

  it('goes on when it is approved by signal', async () => {
    await runs.ui.compose('signal', 'approve', { by: 'bo@example.com', plan, note: 'looked at it' });
    await runs.ui.picture('7-signal');
    await runs.ui.send('signal');
    await runs.comesTo('done');
    await runs.ui.visit();
    expect(await runs.ui.currentDetails()).toMatch(/deploy shop\S*: done/);
    await runs.ui.picture('8-done');
    expect(await runs.project.running()).toBe('r2');
  });

  it('has on record who was named, and that the Web UI did not say who sent it', async () => {
    const wrongForm = 'this takes one JSON object, such as {"by":"you@example.com"}; got';
    const refused = { kind: 'refused', message: 'approve' };
    const sender = { kind: 'sender', message: 'approve', identity: '' };
    expect(saidIn(await runs.record())).toEqual([
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
    const shown = await runs.project.temporal([
      ...['workflow', 'show', '--workflow-id', runs.project.workflowId, '--output', 'json'],
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
