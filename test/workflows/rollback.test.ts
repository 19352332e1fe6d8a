import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const request = { target: 'shop', requestedBy: 'ana' };
const plan = {
  planHash: 'a'.repeat(64),
  release: 'r2',
  running: 'r1',
  from: ['0001'],
  to: ['0002'],
  revisions: 1,
  risk: 'low',
  coverage: { analysed: 3, total: 3 },
};

const begun = () => new Story('rollback', request).step('check');
const goingBack = () => begun().does('checkRollback', plan).planned().step('put the release back');
const releaseIsBack = () =>
  goingBack().does('startRelease').does('health').step('put the schema back').does('settle');
const schemaIsBack = () => releaseIsBack().does('downgrade').step('verify');
const forwardAgain = (story: Story) =>
  story
    .undo('migrate again')
    .does('settle')
    .does('upgrade')
    .undo('deploy again')
    .does('startRelease')
    .does('health');

const stories = {
  'all goes well': schemaIsBack().does('verify').ends('done'),
  'it would lose what was written: refused, nothing was changed': begun()
    .fails('checkRollback')
    .ends('failed'),
  'the release before does not start: the new one is started again': goingBack()
    .fails('startRelease')
    .undo('deploy again')
    .does('startRelease')
    .does('health')
    .ends('undone'),
  'the schema does not go back: all goes forward again': forwardAgain(
    releaseIsBack().fails('downgrade'),
  ).ends('undone'),
  'something was written since the check: all goes forward again': forwardAgain(
    releaseIsBack().does('downgrade', { left: 'coupons has 1 row written since' }),
  ).ends('undone'),
  'the verification fails: all goes forward again': forwardAgain(schemaIsBack().fails('verify')).ends(
    'undone',
  ),
  'cancelled while the schema goes back: all goes forward again': forwardAgain(
    releaseIsBack().isCancelledDuring('downgrade'),
  ).ends('undone'),
};

describe('a rollback', () => {
  it.each(Object.entries(stories))('%s', async (_, history) => {
    await replay(history);
  });
});

const high = { ...plan, risk: 'high' };
const kept = { ...plan, risk: 'very-high', keepsakes: { all: true, says: ['orders'] } };
const closing = (found: object = high) =>
  begun()
    .does('checkRollback', found)
    .planned()
    .step('back up')
    .does('backUp')
    .step('maintenance on')
    .does('closeSite', { counters: 'c' })
    .setsAlarm()
    .step('put the release back');

const closed = {
  'of high risk: the site is closed meanwhile': closing()
    .does('startRelease')
    .does('health')
    .step('put the schema back')
    .does('settle')
    .does('downgrade')
    .step('verify')
    .does('verify')
    .step('maintenance off')
    .opens()
    .ends('done'),
  'with keepsakes: what was taken goes back before the site is opened': closing(kept)
    .does('startRelease')
    .does('health')
    .step('put the schema back')
    .does('settle')
    .does('downgrade')
    .step('put keepsakes back')
    .does('putKeepsakesBack')
    .step('verify')
    .does('verify')
    .step('maintenance off')
    .opens()
    .ends('done'),
  'of high risk, the release before does not start: the new one again, then the site is opened': closing()
    .fails('startRelease')
    .undo('deploy again')
    .does('startRelease')
    .does('health')
    .undo('maintenance off')
    .opens()
    .ends('undone'),
};

describe('a rollback with the site closed', () => {
  it.each(Object.entries(closed))('%s', async (_, history) => {
    await replay(history);
  });
});

const backups = {
  'a backup is one step': new Story('backup', request).step('back up').does('backUp').ends('done'),
  'a backup that fails changes nothing': new Story('backup', request)
    .step('back up')
    .fails('backUp')
    .ends('failed'),
};

describe('a backup', () => {
  it.each(Object.entries(backups))('%s', async (_, history) => {
    await replay(history);
  });
});
