import { backUpSteps } from '../../src/workflows/back-up.js';
import { restoreSteps } from '../../src/workflows/restore.js';
import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const request = { target: 'shop', backup: 'latest', requestedBy: 'ana' };
const gate = {
  ...{ approvals: 1, requesterMayApprove: true, approvers: [], deadlineMinutes: 60, reminderMinutes: 10 },
  hasWindow: false,
};
const closing = {
  ...{ planHash: 'b'.repeat(64), target: 'shop', release: 'r1', running: 'r2', from: ['0002'], to: ['0001'] },
  ...{ revisions: 0, risk: 'high', procedure: 'high-risk', coverage: { analysed: 0, total: 0 } },
  ...{ gate, rehearsed: null, findings: [], rollback: [], fingerprint: 'f', closes: true, deploys: true },
};
/** The site cannot be closed, and the release stays. */
const short = { ...closing, closes: false, deploys: false };

const checked = (plan: object) =>
  new Story('restore', request).step('check').does('checkRestore', plan).planned().step('prove the backup');
const proved = (plan: object) =>
  checked(plan)
    .does('proveBackup', { ...plan, rehearsed: 'equal' })
    .step('approve')
    .asks()
    .waits(50);
const approved = (plan: object) =>
  proved(plan).hears('approve', { by: 'bo', plan: 'bbbbbbbb' }).goesOn().decided().undecided();
const closed = () =>
  approved(closing).step('maintenance on').does('closeSite').setsAlarm().step('back up again');
const swapping = () => closed().does('backUp').step('swap');
const verifying = () => swapping().does('swapIn').step('verify');
const deploying = () => verifying().does('verifyRestored').step('deploy');
const healthy = () => deploying().does('startRelease').step('health').does('health');

const opens = (story: Story) => story.undo('maintenance off').opens();
const swapsBack = (story: Story) => opens(story.undo('put the database back').does('swapBack'));
const releaseBack = (story: Story) => story.undo('put the release back').does('startRelease').does('health');

const stories = {
  'all goes well': healthy().step('maintenance off').opens().ends('done'),
  'without a closure, and with the same release: what is not called for is not done': approved(short)
    .step('back up again')
    .does('backUp')
    .step('swap')
    .does('swapIn')
    .step('verify')
    .does('verifyRestored')
    .step('health')
    .does('health')
    .ends('done'),
  'there is no such backup: nothing was changed': new Story('restore', request)
    .step('check')
    .fails('checkRestore')
    .ends('failed'),
  'the backup cannot be restored: nothing was changed': checked(closing).fails('proveBackup').ends('failed'),
  'rejected: nothing was changed': proved(closing)
    .hears('reject', { by: 'bo', plan: 'bbbbbbbb' })
    .goesOn()
    .decided()
    .undecided()
    .ends('rejected'),
  'cancelled while it waits: nothing was changed': proved(closing).isCancelledWhileWaiting().ends('failed'),
  'the site cannot be closed: it is opened again': opens(
    approved(closing).step('maintenance on').fails('closeSite'),
  ).ends('undone'),
  'what is replaced cannot be backed up: it is opened again': opens(closed().fails('backUp')).ends('undone'),
  'something was written that nobody approved to lose: the old database stays': swapsBack(
    swapping().fails('swapIn', 'written-meanwhile'),
  ).ends('undone'),
  'nothing is heard of the swap: the old database has its name, then it is opened': swapsBack(
    swapping().isLost('swapIn'),
  ).ends('undone'),
  'the verification fails: swapped back, then opened': swapsBack(verifying().fails('verifyRestored')).ends(
    'undone',
  ),
  'the release does not start: release, database, site': swapsBack(
    releaseBack(deploying().fails('startRelease')),
  ).ends('undone'),
  'it is not healthy: release, database, site': swapsBack(
    releaseBack(deploying().does('startRelease').step('health').fails('health')),
  ).ends('undone'),
  'cancelled while it swaps: swapped back, then opened': swapsBack(
    swapping().isCancelledDuring('swapIn'),
  ).ends('undone'),
  'it cannot be swapped back: it stays closed until a person decides': verifying()
    .fails('verifyRestored')
    .undo('put the database back')
    .fails('swapBack')
    .waitsForRepair()
    .setsAlarm()
    .hears('stop', { by: 'bo' })
    .decided()
    .ends('needs operator'),
  'cancelled after the point of no return: ends as if not': healthy()
    .step('maintenance off')
    .shrugsOffCancelDuring('openSite')
    .undecided()
    .ends('done'),
  'the site was closed by hand before: it stays closed, and the run says so': healthy()
    .step('maintenance off')
    .does('openSite', { note: 'closed by bo', closed: 'closed by bo' })
    .ends('done'),
  'a request that names no backup is not understood': new Story(
    'restore',
    { target: 'shop' },
    'lockkeeper:other',
  ).isRefused(),
};

describe('a restore', () => {
  it.each(Object.entries(stories))('%s', async (_, history) => {
    await replay(history);
  });
});

describe('the steps of a procedure', () => {
  it.each([
    ['restore', restoreSteps],
    ['back-up', backUpSteps],
  ])('%s does its lines in their order', async (name, steps) => {
    const { readFile } = await import('node:fs/promises');
    const source = await readFile(`src/workflows/${name}.ts`, 'utf8');
    const done = [...source.matchAll(/run\.step\('([^']+)'/g)].map((match) => match[1]);
    expect(done).toEqual([...steps]);
  });
});
