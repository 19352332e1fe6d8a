import { limitReached } from './limits.js';
import { liveText } from './live-text.js';
import type { LockWait, Sample, SessionNow } from './live.js';

const name = 'lockkeeper:shop:migrate:12345678';
const session = (pid: number, application: string, more: Partial<SessionNow> = {}): SessionNow => ({
  ...{ pid, application, user: 'app', state: 'active', waits: null, queryMs: 8_200, transactionMs: 31_000 },
  query: 'ALTER TABLE orders ADD COLUMN note text',
  ...more,
});
const wait = (pid: number, blockedBy: number[], waitedMs: number): LockWait => ({
  ...{ pid, application: 'worker', lock: 'ROW EXCLUSIVE', on: 'orders', waitedMs, blockedBy },
  ...{ client: true, query: 'update orders' },
});
const quiet: Sample = {
  ...{ sessions: [], waits: [], held: [], progress: [], walBytes: null, replayedBytes: null },
};
const none = { walBytesPerSecond: null, lagMs: null };

describe('what a migration does now, in one line', () => {
  it('where it is, what it waits for, who waits for it, how far it is, and what it costs', () => {
    const sample: Sample = {
      ...quiet,
      sessions: [session(1, name), session(2, 'psql', { state: 'idle in transaction' })],
      waits: [
        { ...wait(1, [2], 2_100), lock: 'ACCESS EXCLUSIVE' },
        wait(3, [1, 2], 1_200),
        wait(4, [3], 600),
        wait(5, [1], 400),
      ],
      held: ['SHARE on items'],
      progress: [{ pid: 1, what: 'create index', on: 'orders', phase: 'building index', share: 0.456 }],
    };
    const place = { revision: '0002_note', index: 0, of: 2, done: 2, statements: 5 };
    const rates = { walBytesPerSecond: 12 * 1024 * 1024, lagMs: 300 };
    expect(liveText(sample, rates, { place, said: 'revision 0002_note', name })).toBe(
      'revision 0002_note (1 of 2), statement 3 of 5: ALTER TABLE orders ADD COLUMN note text, for 8.2 s; ' +
        'WAITS 2.1 s for ACCESS EXCLUSIVE on orders, behind pid 2 (app, psql, idle in transaction, for 31.0 s); ' +
        '2 sessions WAIT FOR IT, the longest 1.2 s; create index on orders: building index, 45 %; ' +
        'holds SHARE on items; WAL 12.0 MiB/s; replication lags 300 ms',
    );
  });

  it('says what it said itself where it has no session, or sends nothing', () => {
    expect(liveText(quiet, none, { place: null, said: '', name })).toBe('between two statements');
    const idle = { ...quiet, sessions: [session(1, name, { state: 'idle in transaction' })] };
    expect(liveText(idle, none, { place: null, said: 'waits for orders, nobody behind it', name })).toBe(
      'waits for orders, nobody behind it',
    );
  });
});

describe('the limits', () => {
  const limits = { budgetMs: 1_000, lagSeconds: 10 };
  const blocked = (waitedMs: number, by = 1): Sample => ({
    ...quiet,
    sessions: [session(1, name)],
    waits: [wait(3, [by], waitedMs)],
  });

  it('nobody waits for longer than the budget', () => {
    expect(limitReached(blocked(1_200), none, limits, name)).toBeUndefined();
    const problem = limitReached(blocked(1_300), none, limits, name);
    expect(problem?.code).toBe('others-wait-too-long');
    expect(problem?.message).toContain(
      'pid 3 (worker) waits 1.3 s for ROW EXCLUSIVE on orders; it ran: ALTER TABLE',
    );
  });

  it('who waits for somebody else is not ours', () => {
    expect(limitReached(blocked(9_000, 7), none, limits, name)).toBeUndefined();
  });

  it('a helper of the server, such as autovacuum, does not count; nor does anybody with the site closed', () => {
    const helper = blocked(9_000);
    expect(
      limitReached({ ...helper, waits: [{ ...helper.waits[0]!, client: false }] }, none, limits, name),
    ).toBe(undefined);
    expect(limitReached(helper, none, { budgetMs: Infinity }, name)).toBeUndefined();
  });

  it('a standby is not behind for longer than is allowed, where that is said', () => {
    expect(limitReached(quiet, { ...none, lagMs: 10_500 }, limits, name)?.code).toBe('replication-lags');
    expect(limitReached(quiet, { ...none, lagMs: 9_500 }, limits, name)).toBeUndefined();
    expect(limitReached(quiet, { ...none, lagMs: 99_000 }, { budgetMs: 1_000 }, name)).toBeUndefined();
  });
});
