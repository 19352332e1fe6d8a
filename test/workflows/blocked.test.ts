import type { Blocked } from '../../src/domain/blocked.js';
import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const request = { target: 'shop', requestedBy: 'ana' };
const gate = {
  ...{ approvals: 0, requesterMayApprove: true, approvers: [], deadlineMinutes: 60, reminderMinutes: 10 },
  hasWindow: false,
};
const plan = {
  ...{ planHash: 'a'.repeat(64), target: 'shop', release: 'r2', running: 'r1', from: ['0001'], to: ['0002'] },
  ...{ revisions: 1, risk: 'low', procedure: 'low-risk', coverage: { analysed: 1, total: 1 } },
  ...{ gate, rehearsed: null, findings: [], rollback: [], fingerprint: 'f' },
};
const withWindow = { ...plan, gate: { ...gate, hasWindow: true } };
const two = { ...plan, gate: { ...gate, approvals: 2 } };
const blocked: Blocked = {
  ...{ reason: 'holder', revision: '0002', statement: 'ALTER TABLE orders ADD COLUMN note text' },
  relations: [{ name: 'orders', lock: 'ACCESS EXCLUSIVE' }],
  holders: [
    {
      ...{ pid: 4711, backendStart: '2026-11-26T10:00:00.000Z', user: 'app', application: 'worker' },
      ...{ state: 'idle in transaction', transactionMs: 31_000, query: 'select 1', mode: 'ACCESS SHARE' },
    },
  ],
  ...{ waitedMs: 30_000, stalledMs: 100, budgetMs: 1_000, committed: [] },
};
const release = { name: 'r2', running: 'r1', note: 'r2' };

const checked = (found: object) =>
  new Story('deploy', request)
    .step('fetch release')
    .does('fetchRelease', release)
    .step('check')
    .does('check', found)
    .planned();
const inWindow = () => checked(withWindow).step('window').does('nextWindow', { waitMs: 0, note: '' });
const byTwo = () =>
  checked(two)
    .step('approve')
    .asks()
    .waits(50)
    .hears('approve', { by: 'bo', plan: 'aaaaaaaa' })
    .hears('approve', { by: 'cy', plan: 'aaaaaaaa' })
    .goesOn()
    .decided()
    .undecided();
const migrating = (before = checked(plan)) =>
  before.step('compare').does('compare', { measured: [], note: '' }).step('migrate');

/** It is tried, and others hold the lock: the page says so, and people are told. */
const isBlocked = (story: Story, by: Blocked = blocked, minutes: number | null = 50) => {
  const asks = story.isBlockedAt('upgrade', by).asks();
  return minutes === null ? asks : asks.waits(minutes);
};
const waits = (before?: Story) => isBlocked(migrating(before));
/** Somebody chose: who sent it is looked up, the run goes on, and the plan must still hold. */
const again = (story: Story) =>
  story.goesOn().decided().undecided().does('compare', { measured: [], note: '' });
const online = (story: Story) => story.does('upgrade').comesUp().ends('done');
const undone = (story: Story) =>
  story
    .undo('put the schema back')
    .does('settle', { found: 'old', note: '' })
    .does('downgrade')
    .ends('undone');

const wait = { by: 'bo', choice: 'wait' };

const stories = {
  'a person waits, and it is tried again': online(again(waits().hears('choose', wait))),
  'by signal, too': online(again(waits().isSent('choose', wait))),
  'blocked again: asked again, as often as people want': online(
    again(isBlocked(again(waits().hears('choose', wait))).hears('choose', wait)),
  ),
  'refused: no name, no such session, no window, another message; it still waits': online(
    again(
      waits()
        .isTurnedAway('choose', { choice: 'wait' })
        .isTurnedAway('choose', { by: 'bo', choice: 'cancel', pids: [1] })
        .isTurnedAway('choose', { by: 'bo', choice: 'window' })
        .isTurnedAway('approve', { by: 'bo', plan: 'aaaaaaaa' })
        .hears('choose', { by: 'bo', choice: 'cancel', pids: [4711] }),
    ),
  ),
  'one person is enough for a larger budget where none must approve': online(
    again(waits().hears('choose', { by: 'bo', choice: 'budget', budgetMs: 2_000 })),
  ),
  'put off until the next window, and tried again then': online(
    waits(inWindow())
      .isSent('choose', { by: 'bo', choice: 'window' })
      .does('nextWindow', { waitMs: 3_600_000, note: 'waits for a window until 22:00 UTC' })
      .goesOn()
      .decided()
      .undecided()
      .waits(60)
      .inVain()
      .does('compare', { measured: [], note: '' }),
  ),
  'the plan is too old by the next window: it still waits, and somebody chooses something else': online(
    again(
      waits(inWindow())
        .isSent('choose', { by: 'bo', choice: 'window' })
        .fails('nextWindow', 'window-too-late')
        .hears('choose', wait),
    ),
  ),
  'two people must name the same budget': online(
    again(
      waits(byTwo())
        .hears('choose', { by: 'bo', choice: 'budget', budgetMs: 2_000 })
        .hears('choose', { by: 'cy', choice: 'budget', budgetMs: 2_000 }),
    ),
  ),
  'given up: what was done is undone': undone(
    waits().hears('choose', { by: 'bo', choice: 'give-up' }).goesOn().decided().undecided(),
  ),
  'nobody chooses: reminded once, then it is given up': undone(
    waits().inVain().does('notify').waits(10).inVain().decided().undecided(),
  ),
  'cancelled while it waits': undone(waits().isCancelledWhileWaiting()),
  'the plan no longer holds when it is tried again: undone': undone(
    waits().hears('choose', wait).goesOn().decided().undecided().fails('compare', 'plan-changed'),
  ),
  'part of it is committed: it goes on from there, and is not compared': online(
    isBlocked(migrating(), { ...blocked, committed: ['0001b'] })
      .hears('choose', wait)
      .goesOn()
      .decided()
      .undecided(),
  ),
};

/** The verification failed, and others keep the schema from going back. */
const undoBlocked = () =>
  migrating()
    .does('upgrade')
    .step('verify')
    .fails('verify', 'verification-failed')
    .undo('put the schema back')
    .does('settle', { found: 'new', note: '' })
    .isBlockedAt('downgrade', blocked);
const undoWaits = () => undoBlocked().since('blocked-undo').asks().waits(50);

const undoStories = {
  'a person waits, and it is tried again, without comparing': undoWaits()
    .hears('choose', wait)
    .goesOn()
    .decided()
    .undecided()
    .does('settle', { found: 'new', note: '' })
    .does('downgrade')
    .ends('undone'),
  'there is no window for it': undoWaits()
    .isTurnedAway('choose', { by: 'bo', choice: 'window' })
    .hears('choose', { by: 'bo', choice: 'cancel', pids: [4711] })
    .goesOn()
    .decided()
    .undecided()
    .does('settle', { found: 'new', note: '' })
    .does('downgrade')
    .ends('undone'),
  'given up: a person must say what becomes of it': undoWaits()
    .hears('choose', { by: 'bo', choice: 'give-up' })
    .goesOn()
    .decided()
    .waitsForRepair()
    .hears('stop', { by: 'bo' })
    .decided()
    .ends('needs operator'),
  'one that an earlier version began waits for a repair': undoBlocked()
    .waitsForRepair()
    .hears('retry', { by: 'bo' })
    .decided()
    .undo('put the schema back')
    .does('settle', { found: 'new', note: '' })
    .does('downgrade')
    .ends('undone'),
};

describe('what is put back, and others keep it from its lock', () => {
  it.each(Object.entries(undoStories))('%s', async (_, history) => {
    await replay(history);
  });
});

describe('an answer was lost', () => {
  it('between two revisions it goes on from there', async () => {
    await replay(
      online(migrating().isLost('upgrade').does('settle', { found: 'between', goesOn: true, note: '' })),
    );
  });

  it('in the middle of one, what is committed is taken back', async () => {
    await replay(undone(migrating().isLost('upgrade').does('settle', { found: 'between', note: '' })));
  });
});

describe('a migration that others keep from its lock', () => {
  it.each(Object.entries(stories))('%s', async (_, history) => {
    await replay(history);
  });
});
