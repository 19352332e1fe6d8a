import { lowRiskSteps } from '../../src/workflows/low-risk.js';
import { mediumRiskSteps } from '../../src/workflows/medium-risk.js';
import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const request = { target: 'shop', requestedBy: 'ana' };
const gate = {
  ...{ approvals: 1, requesterMayApprove: true, approvers: [], deadlineMinutes: 60, reminderMinutes: 10 },
  hasWindow: false,
};
const plan = {
  ...{ planHash: 'a'.repeat(64), target: 'shop', release: 'r2', running: 'r1', from: ['0001'], to: ['0002'] },
  ...{ revisions: 1, risk: 'medium', procedure: 'medium-risk', coverage: { analysed: 1, total: 1 } },
  ...{ gate, rehearsed: null, findings: [], rollback: [], fingerprint: 'f' },
};
const final = { ...plan, planHash: 'b'.repeat(64), rehearsed: 'all the same' };
const release = { name: 'r2', running: 'r1', note: 'r2' };
const approve = { by: 'bo', plan: 'bbbbbbbb' };

const checked = (asked: object = request, found: object = plan) =>
  new Story('deploy', asked)
    .step('fetch release')
    .does('fetchRelease', release)
    .step('check')
    .does('check', found)
    .planned();
/** The rehearsal makes the plan final, with a hash of its own. */
const rehearsed = (found: object = plan, last: object = final) =>
  checked(request, found).step('back up').does('backUp').step('rehearse').does('rehearse', last).planned();
const asking = (found: object = plan, last: object = final) => rehearsed(found, last).step('approve').asks();
const waiting = () => asking().waits(50);
const approved = () => waiting().hears('approve', approve).goesOn().decided().undecided();

const online = (story: Story) =>
  story
    .step('compare')
    .does('compare', { measured: [], note: '' })
    .step('migrate')
    .does('upgrade')
    .comesUp()
    .ends('done');

const two = { ...plan, gate: { ...gate, approvals: 2 } };
const twoFinal = { ...final, gate: two.gate };

const stories = {
  'one person approves': online(approved()),
  'one person approves by signal': online(
    waiting().isSent('approve', approve).goesOn().decided().undecided(),
  ),
  'too early, for another plan, without a name: refused, and it still waits': online(
    waiting()
      .isTurnedAway('approve', { by: 'bo', plan: 'cccccccc' })
      .isTurnedAway('approve', { plan: 'bbbbbbbb' })
      .hears('approve', approve)
      .goesOn()
      .decided()
      .undecided(),
  ),
  'two people must approve: one is not enough': online(
    asking(two, twoFinal)
      .waits(50)
      .hears('approve', approve)
      .hears('approve', { by: 'cy', plan: 'bbbbbbbb' })
      .goesOn()
      .decided()
      .undecided(),
  ),
  'rejected: it ends, and nothing was changed': waiting()
    .hears('reject', { ...approve, note: 'not today' })
    .goesOn()
    .decided()
    .undecided()
    .ends('rejected'),
  'nobody decides: reminded once, then it expires': waiting()
    .inVain()
    .does('notify')
    .waits(10)
    .inVain()
    .decided()
    .undecided()
    .ends('expired'),
  'somebody decides after the reminder': online(
    waiting().inVain().does('notify').waits(10).hears('approve', approve).goesOn().decided().undecided(),
  ),
  'the backup fails: nothing was changed': checked().step('back up').fails('backUp').ends('failed'),
  'the rehearsal fails: nothing was changed': checked()
    .step('back up')
    .does('backUp')
    .step('rehearse')
    .fails('rehearse')
    .ends('failed'),
  'cancelled while it waits: nothing was changed': waiting().isCancelledWhileWaiting().ends('failed'),
};

describe('a medium-risk deploy', () => {
  it.each(Object.entries(stories))('%s', async (_, history) => {
    await replay(history);
  });
});

describe('the steps of a procedure', () => {
  it.each([
    ['low-risk', lowRiskSteps],
    ['medium-risk', mediumRiskSteps],
  ])('%s does its lines in their order', async (name, steps) => {
    const { readFile } = await import('node:fs/promises');
    const source = await readFile(`src/workflows/${name}.ts`, 'utf8');
    const done = [...source.matchAll(/run\.step\('([^']+)'/g)].map((match) => match[1]);
    expect(['fetch release', 'check', ...done]).toEqual([...steps]);
  });
});
