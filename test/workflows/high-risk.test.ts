import type { Blocked } from '../../src/domain/blocked.js';
import { highRiskSteps } from '../../src/workflows/high-risk.js';
import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const request = { target: 'shop', requestedBy: 'ana' };
const gate = {
  ...{ approvals: 1, requesterMayApprove: true, approvers: [], deadlineMinutes: 60, reminderMinutes: 10 },
  hasWindow: false,
};
const plan = {
  ...{ planHash: 'a'.repeat(64), target: 'shop', release: 'r2', running: 'r1', from: ['0001'], to: ['0002'] },
  ...{ revisions: 1, risk: 'high', procedure: 'high-risk', coverage: { analysed: 1, total: 1 } },
  ...{ gate, rehearsed: 'all the same', findings: [], rollback: [], fingerprint: 'f' },
};
const blocked: Blocked = {
  ...{
    reason: 'no-gap',
    revision: '0002',
    statement: 'ALTER TABLE orders ADD COLUMN note text',
    relations: [],
  },
  ...{ holders: [], waitedMs: 30_000, stalledMs: 100, budgetMs: 60_000, committed: [] },
};
const grave = { ...plan, risk: 'very-high', procedure: 'very-high-risk' };

/** What goes is kept, all of it. */
const kept = { ...grave, keepsakes: { all: true, says: ['orders'] } };

/** Approved: all that is slow is done, and the site is still open. */
const decided = (found: object) =>
  new Story('deploy', request)
    .step('fetch release')
    .does('fetchRelease', { name: 'r2', running: 'r1', note: 'r2' })
    .step('check')
    .does('check', found)
    .planned()
    .step('back up')
    .does('backUp')
    .step('rehearse')
    .does('rehearse', { ...found, planHash: 'b'.repeat(64) })
    .planned()
    .step('approve')
    .asks()
    .waits(50)
    .hears('approve', { by: 'bo', plan: 'bbbbbbbb' })
    .goesOn()
    .decided()
    .undecided();
const approved = (found: object = plan) =>
  found === kept
    ? decided(found).step('keepsakes').does('keepWhatGoes').step('compare')
    : decided(found).step('compare');
const closing = (found?: object) =>
  approved(found).does('compare', { measured: [], note: '' }).step('maintenance on');
const closed = (found?: object) =>
  closing(found).does('closeSite', { counters: 'c' }).setsAlarm().step('back up again');
const quiet = (found?: object) => closed(found).does('backUp').does('writersQuiet');
const migrating = (found?: object) =>
  found === kept
    ? quiet(found).step('rest of keepsakes').does('keepTheRest').step('migrate')
    : quiet(found).step('migrate');
const verifying = (found?: object) => migrating(found).does('upgrade').step('verify');
const deploying = (found?: object) => verifying(found).does('verify').step('deploy');
const healthy = (found?: object) => deploying(found).does('startRelease').step('health').does('health');

const opens = (story: Story) => story.undo('maintenance off').opens();
const bySchema = (story: Story) =>
  opens(story.undo('put the database back').does('settle', { found: 'new', note: '' }).does('downgrade'));
const byRestore = (story: Story) => opens(story.undo('put the database back').does('settle').does('restore'));
const goes = (story: Story) => story.undo('let keepsakes go').does('letKeepsakesGo');
const releaseBack = (story: Story) => story.undo('put the release back').does('startRelease').does('health');

/** The contract of a change, where the settings say that the site stays open. */
const online = { ...grave, procedure: 'online-contract' };
const contracting = () => approved(online).does('compare', { measured: [], note: '' }).step('migrate');

const stories = {
  'a contract that leaves the site open': contracting()
    .does('upgrade')
    .step('verify')
    .does('verify')
    .step('deploy')
    .does('startRelease')
    .step('health')
    .does('health')
    .ends('done'),
  'a contract that leaves the site open fails: the schema is taken back': contracting()
    .fails('upgrade')
    .undo('put the schema back')
    .does('settle', { found: 'new', note: '' })
    .does('downgrade')
    .ends('undone'),
  'all goes well': healthy().step('maintenance off').opens().ends('done'),
  'the plan no longer holds: the site was never closed': approved().fails('compare').ends('failed'),
  'the site cannot be closed: it is opened again': opens(closing().fails('closeSite')).ends('undone'),
  'the second backup fails: it is opened again': opens(closed().fails('backUp')).ends('undone'),
  'somebody writes while it is closed: it is opened again': opens(
    closed().does('backUp').fails('writersQuiet'),
  ).ends('undone'),
  'the migration fails: the schema is taken back, then it is opened': bySchema(
    migrating().fails('upgrade'),
  ).ends('undone'),
  'others keep the migration from its lock: it waits with the site closed, which nobody opens, until a person chooses':
    migrating()
      .isBlockedAt('upgrade', blocked)
      .asks()
      .isTurnedAway('maintenance', { by: 'bo', turn: 'off' })
      .isTurnedAway('choose', { by: 'bo', choice: 'window' })
      .hears('choose', { by: 'bo', choice: 'wait' })
      .decided()
      .undecided()
      .does('upgrade')
      .comesUp()
      .step('maintenance off')
      .opens()
      .ends('done'),
  'and it is given up: the schema is taken back, then it is opened': bySchema(
    migrating()
      .isBlockedAt('upgrade', blocked)
      .asks()
      .hears('choose', { by: 'bo', choice: 'give-up' })
      .decided()
      .undecided(),
  ).ends('undone'),
  'the verification fails: the schema is taken back, then it is opened': bySchema(
    verifying().fails('verify'),
  ).ends('undone'),
  'the schema cannot be taken back: the backup is restored, then it is opened': opens(
    verifying()
      .fails('verify')
      .undo('put the database back')
      .does('settle', { found: 'new', note: '' })
      .fails('downgrade', 'no-downgrade')
      .does('settle')
      .does('restore'),
  ).ends('undone'),
  'very high risk, the verification fails: the backup is restored, whatever the downgrade would do':
    byRestore(verifying(grave).fails('verify')).ends('undone'),
  'very high risk with keepsakes, all goes well': healthy(kept).step('maintenance off').opens().ends('done'),
  'what goes cannot be kept: nothing was changed': goes(
    decided(kept).step('keepsakes').fails('keepWhatGoes'),
  ).ends('undone'),
  'the site cannot be closed: what was kept goes': goes(opens(closing(kept).fails('closeSite'))).ends(
    'undone',
  ),
  'all that goes is kept, the verification fails: the schema is taken back, and what was kept goes back':
    goes(
      opens(
        verifying(kept)
          .fails('verify')
          .undo('put the database back')
          .does('settle', { found: 'new', note: '' })
          .does('downgrade')
          .does('putKeepsakesBack'),
      ),
    ).ends('undone'),
  'what was kept cannot go back: the backup is restored': goes(
    opens(
      verifying(kept)
        .fails('verify')
        .undo('put the database back')
        .does('settle', { found: 'new', note: '' })
        .does('downgrade')
        .fails('putKeepsakesBack', 'no-keepsake')
        .does('settle')
        .does('restore'),
    ),
  ).ends('undone'),
  'the deploy fails: release, database, site': bySchema(releaseBack(deploying().fails('startRelease'))).ends(
    'undone',
  ),
  'the restore fails too: it stays closed until a person decides': verifying(grave)
    .fails('verify')
    .undo('put the database back')
    .does('settle')
    .fails('restore')
    .waitsForRepair()
    .setsAlarm()
    .hears('stop', { by: 'bo' })
    .decided()
    .ends('needs operator'),
  'cancelled while it migrates: the schema is taken back, then it is opened': bySchema(
    migrating().isCancelledDuring('upgrade'),
  ).ends('undone'),
  'the site was closed by hand before: it stays closed, and the run says so': healthy()
    .step('maintenance off')
    .does('openSite', { note: 'closed by bo', closed: 'closed by bo' })
    .ends('done'),
  'a closed site of a run that is no more: a person has it taken over': new Story('deploy', request)
    .begins()
    .finds({ what: 'run 7 was ended from outside', closure: 'closed for 3 h by run 7' })
    .undecided()
    .waitsForRepair()
    .setsAlarm()
    .hears('retry', { by: 'bo' })
    .decided()
    .does('takeOver')
    .undecided()
    .does('fetchRelease', { name: 'r2', running: 'r1', note: 'r2' })
    .step('check')
    .fails('check')
    .undo('maintenance off')
    .opens()
    .ends('undone'),
  'a closed site of a run that is no more: a person leaves it so': new Story('deploy', request)
    .begins()
    .finds({ what: 'run 7 was ended from outside', closure: 'closed for 3 h by run 7' })
    .undecided()
    .waitsForRepair()
    .setsAlarm()
    .hears('stop', { by: 'bo' })
    .decided()
    .undecided()
    .ends('rejected'),
  'closed for too long: the alarm is on record': migrating()
    .isSentDuring('upgrade', 'overdue', { says: 'closed for 20 min' })
    .comesUp()
    .step('maintenance off')
    .opens()
    .ends('done'),
  'the site cannot be opened after the point of no return: it is tried until a person has put it right':
    healthy()
      .step('maintenance off')
      .fails('openSite', 'site-unreachable')
      .fails('openSite', 'site-unreachable')
      .waitsForRepair()
      .setsAlarm()
      .hears('retry', { by: 'bo' })
      .decided()
      .undo('maintenance off')
      .opens()
      .ends('done'),
  'the site cannot be opened after the point of no return, and a person ends it so': healthy()
    .step('maintenance off')
    .fails('openSite', 'site-unreachable')
    .fails('openSite', 'site-unreachable')
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
};

describe('a high-risk deploy', () => {
  it.each(Object.entries(stories))('%s', async (_, history) => {
    await replay(history);
  });

  it('does its lines in their order', async () => {
    const { readFile } = await import('node:fs/promises');
    const source = await readFile('src/workflows/high-risk.ts', 'utf8');
    const done = [...source.matchAll(/run\.step\('([^']+)'/g)].map((match) => match[1]);
    expect(['fetch release', 'check', ...done]).toEqual([...highRiskSteps]);
  });
});
