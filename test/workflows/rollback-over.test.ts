import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const request = { target: 'shop', requestedBy: 'ana' };
const gate = {
  ...{ approvals: 0, requesterMayApprove: true, approvers: [], deadlineMinutes: 60, reminderMinutes: 10 },
  hasWindow: false,
};
const deploy = (release: string, keepsakes = false) => ({
  ...{ planHash: release.repeat(32), release, keepsakes },
});
const plan = {
  ...{ planHash: 'b'.repeat(64), target: 'shop', release: 'r3', running: 'r1', from: ['0001'], to: ['0003'] },
  ...{ revisions: 2, risk: 'low', procedure: 'low-risk', coverage: { analysed: 0, total: 0 } },
  ...{ gate, rehearsed: null, findings: [], rollback: [], fingerprint: 'f' },
  back: [deploy('r3'), deploy('r2')],
};
const high = {
  ...plan,
  ...{ risk: 'high', procedure: 'high-risk', gate: { ...gate, approvals: 1 } },
};
const kept = {
  ...{ ...high, risk: 'very-high', gate: { ...gate, approvals: 2 } },
  back: [deploy('r3', true), deploy('r2', true)],
};

/** A run of this version: it goes back over deploys, and asks. */
const checked = (found: object, asked: object = {}) =>
  new Story('rollback', { ...request, ...asked })
    .step('check')
    .does('checkRollback', found)
    .planned()
    .since('rollback-over-deploys');

const waiting = (found: object = high) => checked(found).step('approve').asks().waits(50);
const yes = (by: string) => ({ by, plan: 'bbbbbbbb' });
const approved = (found: object = high) =>
  waiting(found).hears('approve', yes('bo')).goesOn().decided().undecided();
const backedUp = (story: Story) => story.step('back up').does('backUp').step('compare');
const closes = (story: Story, found: object = high) =>
  backedUp(story).does('checkRollback', found).step('maintenance on').does('closeSite').setsAlarm();

const releaseBack = (story: Story) => story.step('put the release back').does('startRelease').does('health');
const begins = (story: Story) => story.step('put the schema back').does('settle');
const oneBack = (story: Story) => begins(story).does('downgrade');
/** The list shows the same word still. */
const next = (story: Story) => story.does('settle').does('downgrade');
const oneKeptBack = (story: Story) => oneBack(story).step('put keepsakes back').does('putKeepsakesBack');
const verified = (story: Story) => story.step('verify').does('verify');
const opened = (story: Story) => story.step('maintenance off').opens().ends('done');

const forwardAgain = (story: Story) => story.undo('migrate again').does('settle').does('upgrade');
const deployedAgain = (story: Story) => story.undo('deploy again').does('startRelease').does('health');

/** A rollback was cut off before it had put back what was kept. */
const due = { ...kept, back: [{ ...deploy('r3', true), schemaIsBack: true }] };
const closedForDue = () =>
  closes(
    waiting(due).hears('approve', yes('bo')).hears('approve', yes('cy')).goesOn().decided().undecided(),
    due,
  ).step('put keepsakes back');

const stories = {
  'over two deploys, of low risk: nobody is asked, the schema goes back one by one': verified(
    next(oneBack(releaseBack(checked(plan)))),
  ).ends('done'),
  'the second does not go back: both go forward again, the one that was begun last first': deployedAgain(
    forwardAgain(
      oneBack(releaseBack(checked(plan)))
        .does('settle')
        .fails('downgrade'),
    )
      .does('settle')
      .does('upgrade'),
  ).ends('undone'),
  'of high risk: approved, backed up, looked at once more, then closed': opened(
    verified(next(oneBack(releaseBack(closes(approved()))))),
  ),
  'with keepsakes: two people, and each deploy gets its own back before the next is taken back': opened(
    verified(
      oneKeptBack(
        oneKeptBack(
          releaseBack(
            closes(
              waiting(kept)
                .hears('approve', yes('bo'))
                .hears('approve', yes('cy'))
                .goesOn()
                .decided()
                .undecided(),
              kept,
            ),
          ),
        ),
      ),
    ),
  ),
  'one that was cut off is finished: what was kept goes back, and nothing else': verified(
    closedForDue().does('putKeepsakesBack'),
  )
    .step('health')
    .does('health')
    .step('maintenance off')
    .opens()
    .ends('done'),
  'what was kept does not go back: the schema is not put forward, the site is opened': closedForDue()
    .fails('putKeepsakesBack')
    .undo('maintenance off')
    .opens()
    .ends('undone'),
  'rejected: nothing was changed': waiting()
    .hears('reject', yes('bo'))
    .goesOn()
    .decided()
    .undecided()
    .ends('rejected'),
  'cancelled while it waits: nothing was changed': waiting().isCancelledWhileWaiting().ends('failed'),
  'somebody has deployed meanwhile: what was approved is not there any more': backedUp(approved())
    .does('checkRollback', { ...high, planHash: 'c'.repeat(64) })
    .ends('failed'),
  'the site cannot be closed: it is opened again': backedUp(approved())
    .does('checkRollback', high)
    .step('maintenance on')
    .fails('closeSite')
    .undo('maintenance off')
    .opens()
    .ends('undone'),
  'the release alone: nothing is taken back': verified(
    releaseBack(checked({ ...plan, back: [], procedure: 'deploy-only' }, { only: 'app' })),
  ).ends('done'),
  'the schema alone: nothing is started': verified(
    oneBack(checked({ ...plan, back: [deploy('r2')] }, { only: 'schema', to: 'r1' })),
  )
    .step('health')
    .does('health')
    .ends('done'),
};

describe('a rollback over deploys', () => {
  it.each(Object.entries(stories))('%s', async (_, history) => {
    await replay(history);
  });
});
