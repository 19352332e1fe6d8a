import { isBlocked, type Blocked, type Holder } from '../blocked.js';
import { lockBlocked } from './lock-blocked.js';

const holder: Holder = {
  ...{ pid: 4711, backendStart: '2026-01-01T00:00:00.000000Z', user: 'app', application: 'report' },
  ...{ state: 'idle in transaction', transactionMs: 31_000, query: 'SELECT 1', mode: 'ACCESS SHARE' },
};
const blocked: Blocked = {
  ...{ reason: 'holder', revision: 'r2', statement: 'ALTER TABLE orders ADD COLUMN note TEXT' },
  ...{ relations: [{ name: 'public.orders', lock: 'ACCESS EXCLUSIVE' }], holders: [holder] },
  ...{ waitedMs: 600_000, stalledMs: 100, budgetMs: 1_000, committed: [] },
};

it('names lock, holder, cost and what is kept, and carries the facts', () => {
  const { code, told, facts } = lockBlocked({ ...blocked, committed: ['r1'] });
  expect(code).toBe('lock-blocked');
  expect(told.what).toBe(
    'revision r2 did not get ACCESS EXCLUSIVE on public.orders in 10 min 0 s (others may have waited for 100 ms of the ' +
      '1.0 s that the plan allows), and gave way; committed before, and kept: r1',
  );
  expect(told.why).toBe(
    'in the way: pid 4711, user app, application report, idle in transaction, for 31.0 s, ACCESS SHARE: SELECT 1',
  );
  expect(told.next[1]).toBe('or end 1 session: select pg_terminate_backend(4711)');
  expect(told.retry).toBe(false);
  expect(isBlocked(facts)).toBe(true);
  expect(isBlocked(told)).toBe(false);
});

it('says that nothing was changed only where nothing was', () => {
  expect(lockBlocked(blocked).told.what).toMatch(/nothing was changed$/);
  expect(lockBlocked({ ...blocked, midway: true }).told.what).toMatch(/kept: part of r2$/);
});

it('sends nobody to end what must not be ended, and says how a prepared transaction is', () => {
  const vacuum = lockBlocked({ ...blocked, reason: 'wraparound' }).told;
  expect(vacuum.next.join()).not.toContain('pg_terminate_backend');
  const prepared = { ...holder, pid: 0, backendStart: '', prepared: "order'1" };
  const { why, next } = lockBlocked({ ...blocked, reason: 'prepared', holders: [prepared] }).told;
  expect(why).toContain("prepared transaction order'1");
  expect(next[0]).toBe("end it: ROLLBACK PREPARED 'order''1'");
});

it('says what a role would need that may see pids only', () => {
  const unseen = { ...holder, backendStart: '', state: null, query: null, transactionMs: null };
  expect(lockBlocked({ ...blocked, holders: [unseen] }).told.next.at(-1)).toContain('pg_read_all_stats');
});
