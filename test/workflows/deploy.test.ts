import type { PlanSummary } from '../../src/domain/plan.js';
import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const plan: PlanSummary = {
  planHash: 'a'.repeat(64),
  target: 'shop',
  release: 'r2',
  running: 'r1',
  from: ['0001'],
  to: ['0002'],
  revisions: 1,
  risk: 'low',
  procedure: 'low-risk',
  coverage: { analysed: 3, total: 3 },
  gate: {
    approvals: 0,
    requesterMayApprove: true,
    approvers: [],
    deadlineMinutes: 60,
    reminderMinutes: 10,
    hasWindow: false,
  },
  rehearsed: null,
  rollback: [],
  findings: [],
  fingerprint: 'f'.repeat(64),
};
const request = { target: 'shop', requestedBy: 'ana' };
const release = { name: 'r2', running: 'r1', note: 'r2' };
const marks = { measured: [], note: 'none' };

const begun = (asked: object = request) => new Story('deploy', asked).step('fetch release');
const checked = (asked: object = request, found: PlanSummary = plan) =>
  begun(asked).does('fetchRelease', release).step('check').does('check', found).planned();
const compared = () => checked().step('compare').does('compare', marks);
const migrating = () => compared().step('migrate');
const migrated = () => migrating().does('upgrade').step('verify');
const verified = () => migrated().does('verify').step('deploy');
const deployed = () => verified().does('startRelease').step('health');

/** The schema is put back, and is as before. */
const schemaBack = (story: Story) =>
  story.undo('put the schema back').does('settle', { found: 'old', note: '' }).does('downgrade');
const releaseBack = (story: Story) => story.undo('put the release back').does('startRelease').does('health');

const repair = (story: Story) =>
  story.undo('put the schema back').does('settle', {}).fails('downgrade').waitsForRepair();

const stories = {
  'all goes well': deployed().does('health').ends('done'),
  'with a backup first': checked({ ...request, backup: true })
    .step('back up')
    .does('backUp')
    .step('compare')
    .does('compare', marks)
    .step('migrate')
    .does('upgrade')
    .comesUp()
    .ends('done'),
  'only the migration is wanted: the release that runs stays': checked({ ...request, withoutDeploy: true })
    .step('compare')
    .does('compare', marks)
    .step('migrate')
    .does('upgrade')
    .step('verify')
    .does('verify')
    .ends('done'),
  'only the migration is wanted, and none is pending: nothing is started': checked(
    { ...request, withoutDeploy: true },
    { ...plan, revisions: 0, procedure: 'deploy-only' },
  ).ends('done'),
  'the release cannot be fetched: nothing was changed': begun().fails('fetchRelease').ends('failed'),
  'the check fails: nothing was changed': begun()
    .does('fetchRelease', release)
    .step('check')
    .fails('check')
    .ends('failed'),
  'the backup fails: nothing was changed': checked({ ...request, backup: true })
    .step('back up')
    .fails('backUp')
    .ends('failed'),
  'the plan no longer holds: nothing was changed': checked().step('compare').fails('compare').ends('failed'),
  'the migration fails: the schema is put back': schemaBack(migrating().fails('upgrade')).ends('undone'),
  'the answer is lost, and the migration has happened: it goes on': migrating()
    .isLost('upgrade')
    .does('settle', { found: 'new', note: 'at 0002' })
    .comesUp()
    .ends('done'),
  'the answer is lost, and nothing has happened: it is started again': migrating()
    .isLost('upgrade')
    .does('settle', { found: 'old', note: 'at 0001' })
    .does('upgrade')
    .comesUp()
    .ends('done'),
  'the answer is lost half way: the schema is put back': schemaBack(
    migrating().isLost('upgrade').does('settle', { found: 'between', note: 'at 0001b' }),
  ).ends('undone'),
  'the answer is lost three times: the schema is put back': schemaBack(
    migrating()
      .isLost('upgrade')
      .does('settle', { found: 'old', note: '' })
      .isLost('upgrade')
      .does('settle', { found: 'old', note: '' })
      .isLost('upgrade')
      .does('settle', { found: 'old', note: '' }),
  ).ends('undone'),
  'the verification fails: the schema is put back': schemaBack(migrated().fails('verify')).ends('undone'),
  'the deploy fails: the release is put back, then the schema': schemaBack(
    releaseBack(verified().fails('startRelease')),
  ).ends('undone'),
  'it does not become healthy: the release is put back, then the schema': schemaBack(
    releaseBack(deployed().fails('health')),
  ).ends('undone'),
  'something was written meanwhile: the added schema stays': migrated()
    .fails('verify')
    .undo('put the schema back')
    .does('settle', {})
    .does('downgrade', { left: 'coupons has 3 rows written since' })
    .ends('partly undone'),
  'cancelled while it fetches: nothing was changed': begun().isCancelledDuring('fetchRelease').ends('failed'),
  'cancelled while it checks: nothing was changed': begun()
    .does('fetchRelease', release)
    .step('check')
    .isCancelledDuring('check')
    .ends('failed'),
  'cancelled while it backs up: nothing was changed': checked({ ...request, backup: true })
    .step('back up')
    .isCancelledDuring('backUp')
    .ends('failed'),
  'cancelled while it compares: nothing was changed': checked()
    .step('compare')
    .isCancelledDuring('compare')
    .ends('failed'),
  'cancelled while it migrates: the schema is put back': schemaBack(
    migrating().isCancelledDuring('upgrade'),
  ).ends('undone'),
  'cancelled while it verifies: the schema is put back': schemaBack(
    migrated().isCancelledDuring('verify'),
  ).ends('undone'),
  'cancelled while it deploys: the release is put back, then the schema': schemaBack(
    releaseBack(verified().isCancelledDuring('startRelease')),
  ).ends('undone'),
  'cancelled while it waits for health: the release is put back, then the schema': schemaBack(
    releaseBack(deployed().isCancelledDuring('health')),
  ).ends('undone'),
  'an undo fails, and a person tries it again': repair(migrated().fails('verify'))
    .hears('retry', { by: 'bo' })
    .decided()
    .undo('put the schema back')
    .does('settle', {})
    .does('downgrade')
    .ends('undone'),
  'an undo fails, and a person tries it again by signal': schemaBack(
    repair(migrated().fails('verify')).isSent('retry', { by: 'bo' }).decided(),
  ).ends('undone'),
  'a signal that says nothing is passed over': schemaBack(
    repair(migrated().fails('verify')).isSent('retry', undefined).isSent('retry', { by: 'bo' }).decided(),
  ).ends('undone'),
  'an undo fails, and a person ends the run: the other undos are not done': verified()
    .fails('startRelease')
    .undo('put the release back')
    .fails('startRelease')
    .waitsForRepair()
    .hears('stop', { by: 'bo', note: 'I do it by hand' })
    .decided()
    .ends('needs operator'),
  'cancelled, and the undo fails: a person still decides': repair(migrated().isCancelledDuring('verify'))
    .hears('stop', { by: 'bo' })
    .decided()
    .ends('needs operator'),
  'nothing is pending: the release alone': checked(request, {
    ...plan,
    revisions: 0,
    procedure: 'deploy-only',
  })
    .step('deploy')
    .does('startRelease')
    .step('health')
    .does('health')
    .ends('done'),
  'the migration is skipped: the release alone': checked({ ...request, migrate: 'skip' })
    .step('deploy')
    .does('startRelease')
    .step('health')
    .does('health')
    .ends('done'),
  'the migration is skipped, and the release migrates by itself: the schema is put back, too': schemaBack(
    releaseBack(
      checked({ ...request, migrate: 'skip' })
        .step('deploy')
        .fails('startRelease', 'release-migrates'),
    ),
  ).ends('undone'),
  'nothing is pending, and the deploy fails: there is no schema to put back': releaseBack(
    checked(request, { ...plan, revisions: 0, procedure: 'deploy-only' })
      .step('deploy')
      .fails('startRelease'),
  ).ends('undone'),
  'no input is refused in words': new Story('deploy', undefined, 'any').isRefused(),
  'another id than the target’s is refused in its first line': new Story(
    'deploy',
    request,
    'mine',
  ).isRefused(),
};

describe('a deploy', () => {
  it.each(Object.entries(stories))('%s', async (_, history) => {
    await replay(history);
  });

  it('is really compared: a story that deploys before it verifies is refused', async () => {
    const wrong = migrating().does('upgrade').step('deploy').does('startRelease').ends('done');
    await expect(replay(wrong)).rejects.toThrow(/startRelease.*does not match.*verify|verify/);
  });
});
