import type { HolderSeen } from '../../adapters/postgres/lock-holders.js';
import { Stall } from './stall.js';
import { Waiting, type Surroundings, type Way } from './waiting.js';

/** A transaction of the simulated world, in ms since its beginning. */
interface Reader {
  from: number;
  until: number;
  more?: Partial<HolderSeen>;
}

const holder = ({ from, more }: Reader, now: number): HolderSeen => ({
  ...{
    pid: 100 + from,
    backendStart: '2026-01-01T00:00:00Z',
    user: 'app',
    application: null,
    state: 'active',
  },
  ...{ query: 'SELECT 1', mode: 'ACCESS SHARE', transaction: `3/${from}`, relation: 'public.orders' },
  ...{ wanted: 'ACCESS EXCLUSIVE', queues: false, waitsForUs: false, transactionMs: now - from },
  ...more,
});

interface World {
  readers: readonly Reader[];
  budgetMs?: number;
  waitMs?: number;
  longestHolding?: number;
  mayCancel?: boolean;
  seesTimes?: boolean;
  tables?: number;
}

/** A clock that only moves when somebody sleeps or probes. */
function world({
  readers,
  budgetMs = 1_000,
  waitMs = 60_000,
  mayCancel = true,
  seesTimes = true,
  tables = 1,
  ...more
}: World) {
  let now = 0;
  const gone = new Set<string>();
  const stall = new Stall(budgetMs);
  const around: Surroundings = {
    ...{ stall, waitMs, attemptMs: 100, now: () => now },
    probe: () => {
      now += 1;
      const there = readers.filter(({ from, until }) => from <= now && now < until);
      const seen = there.map((each) => holder(each, now)).filter(({ transaction }) => !gone.has(transaction));
      return Promise.resolve(seesTimes ? seen : seen.map((each) => ({ ...each, transactionMs: null })));
    },
    sleep: (ms) => Promise.resolve(void (now += ms)),
    cancelAutovacuum: ({ transaction }) => {
      if (mayCancel) gone.add(transaction);
      return Promise.resolve(mayCancel);
    },
    deadlockTimeoutMs: () => Promise.resolve(1_000),
    tell: () => undefined,
  };
  const waiting = new Waiting(around, more.longestHolding ?? 100);
  const wanted = Array.from({ length: tables }, (_, at) => ({
    ...{ name: `public.orders${at || ''}`, lock: 'ACCESS EXCLUSIVE' as const, waitsFor: [] },
  }));
  return {
    stall,
    now: () => now,
    waiting,
    look: (holds = false, gently = false): Promise<Way> => waiting.untilFree(wanted, holds, gently),
    /** What the server would do: it gets its lock once those that were there before it are gone. */
    attempt: (lockTimeoutMs: number): boolean => {
      const free = Math.max(now, ...readers.filter(({ from }) => from <= now).map(({ until }) => until));
      const got = free - now <= lockTimeoutMs;
      now = got ? free : now + lockTimeoutMs;
      return got;
    },
  };
}

const overlapping = (count: number, every: number, lasts: number): Reader[] =>
  Array.from({ length: count }, (_, at) => ({ from: at * every - lasts, until: at * every }));

it('goes at once where nobody is in the way, for as long as one attempt may take', async () => {
  const { look, now } = world({ readers: [] });
  expect(await look()).toEqual({ to: 'go', lockTimeoutMs: 100 });
  expect(now()).toBe(1);
});

it('lets pass who is there for a moment only', async () => {
  const { look, now } = world({ readers: [{ from: -10, until: 40 }] });
  expect(await look()).toEqual({ to: 'go', lockTimeoutMs: 100 });
  expect(now()).toBe(1);
});

it('waits for one long reader, stalls nobody, and goes within a moment after it', async () => {
  const { look, now, stall } = world({ readers: [{ from: -5_000, until: 25_000 }] });
  expect(await look()).toMatchObject({ to: 'go' });
  expect(now()).toBeGreaterThanOrEqual(25_000);
  expect(now()).toBeLessThan(25_200);
  expect(stall.stalledMs).toBe(0);
});

it('takes the first gap between readers that come one after the other', async () => {
  const readers = Array.from({ length: 20 }, (_, at) => ({
    from: at * 4_300 - 1_000,
    until: at * 4_300 + 3_000,
  }));
  const { look, now, stall } = world({ readers });
  expect(await look()).toMatchObject({ to: 'go' });
  expect(now()).toBeLessThan(3_300);
  expect(stall.stalledMs).toBe(0);
});

describe('under readers that overlap without a gap', () => {
  const readers = overlapping(100, 1_333, 4_000);

  it('queues once, when those that are there will be gone within the budget', async () => {
    const { look, attempt, stall, now } = world({ readers, budgetMs: 3_000 });
    const way = await look();
    expect(way).toEqual({ to: 'go', lockTimeoutMs: 2_950 });
    expect(attempt(2_950)).toBe(true);
    expect(stall.stalledMs).toBe(0);
    expect(now()).toBeLessThan(15_000);
  });

  it('stops, nobody stalled, where the budget is not enough', async () => {
    const { look, stall, now } = world({ readers, budgetMs: 1_000 });
    const way = await look();
    expect(way).toMatchObject({ to: 'stop', reason: 'no-gap', needMs: expect.any(Number) as number });
    // The youngest of three is 1.3 s old at best when it queues, and takes 4 s.
    expect('needMs' in way && Math.abs((way.needMs ?? 0) - 2_850)).toBeLessThan(150);
    expect('holders' in way && way.holders.length).toBeGreaterThan(0);
    expect(stall.stalledMs).toBe(0);
    expect(now()).toBeLessThan(30_000);
  });

  it('tries that once only', async () => {
    const { look, waiting, stall } = world({ readers, budgetMs: 6_000 });
    const way = await look();
    expect(way).toMatchObject({ to: 'go' });
    waiting.failed(2_800);
    expect(await look()).toMatchObject({ to: 'stop', reason: 'no-gap' });
    expect(stall.stalledMs).toBeLessThanOrEqual(6_000);
  });

  it('sees the same where the role may not see since when they are there', async () => {
    const { look, attempt, now } = world({ readers, budgetMs: 4_000, seesTimes: false });
    const way = await look();
    expect(now()).toBeGreaterThan(2_000);
    expect(way).toMatchObject({ to: 'go' });
    expect(attempt('lockTimeoutMs' in way ? way.lockTimeoutMs : 0)).toBe(true);
  });
});

it('asks people about a holder that does not end, after waitMs', async () => {
  const { look, now } = world({ readers: [{ from: -1_000, until: Infinity }], waitMs: 5_000 });
  expect(await look()).toMatchObject({ to: 'stop', reason: 'holder', holders: [{ user: 'app' }] });
  expect(now()).toBeGreaterThanOrEqual(5_000);
  expect(now()).toBeLessThan(5_300);
});

it('doubles attempts that fail though nobody is seen, and never spends more than the budget', async () => {
  const { look, waiting, stall } = world({ readers: [], budgetMs: 1_000 });
  const tried: number[] = [];
  for (let way = await look(); way.to === 'go'; way = await look()) {
    tried.push(way.lockTimeoutMs);
    waiting.failed(way.lockTimeoutMs);
    expect(stall.stalledMs).toBeLessThanOrEqual(1_000);
  }
  expect(tried).toEqual([100, 200, 400, 250]);
  expect(await look()).toMatchObject({ to: 'stop', reason: 'budget' });
});

it('doubles attempts at several tables no further than half of deadlock_timeout', async () => {
  const { look, waiting } = world({ readers: [], budgetMs: 10_000, tables: 2 });
  const tried: number[] = [];
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const way = await look();
    tried.push('lockTimeoutMs' in way ? way.lockTimeoutMs : 0);
    waiting.failed(tried.at(-1)!);
  }
  expect(tried).toEqual([100, 200, 400, 500, 500]);
});

describe('while the transaction holds what others want', () => {
  it('counts each moment, and soon begins again from outside', async () => {
    const { look, stall } = world({ readers: [{ from: -1_000, until: 9_000 }] });
    expect(await look(true)).toEqual({ to: 'begin again' });
    expect(stall.stalledMs).toBeGreaterThanOrEqual(100);
    expect(stall.stalledMs).toBeLessThan(300);
  });

  it('does not wait for who waits for it', async () => {
    const reader = { from: -1_000, until: Infinity, more: { waitsForUs: true } };
    const { look, stall } = world({ readers: [reader], longestHolding: 60_000 });
    expect(await look(true)).toEqual({ to: 'begin again' });
    expect(stall.stalledMs).toBeLessThan(100);
  });

  it('stays below the budget where it cannot begin again', async () => {
    const { look, stall } = world({ readers: [{ from: -1_000, until: 9_000 }], longestHolding: Infinity });
    expect(await look(true)).toMatchObject({ to: 'stop', reason: 'budget' });
    expect(stall.stalledMs).toBeLessThan(1_150);
  });
});

describe('autovacuum', () => {
  const vacuum = (autovacuum: HolderSeen['autovacuum']): Reader => ({
    ...{ from: -9_000, until: Infinity },
    more: { autovacuum, mode: 'SHARE UPDATE EXCLUSIVE' } as Partial<HolderSeen>,
  });

  it('is cancelled, and then it goes', async () => {
    const { look, now } = world({ readers: [vacuum('ordinary')] });
    expect(await look()).toEqual({ to: 'go', lockTimeoutMs: 100 });
    expect(now()).toBeLessThan(200);
  });

  it('is outlasted where the role may not cancel it and the budget allows', async () => {
    const { look } = world({ readers: [vacuum('ordinary')], mayCancel: false, budgetMs: 3_000 });
    expect(await look()).toEqual({ to: 'go', lockTimeoutMs: 1_150 });
  });

  it('is waited for where it allows that neither', async () => {
    const { look } = world({ readers: [vacuum('ordinary')], mayCancel: false, budgetMs: 500, waitMs: 3_000 });
    expect(await look()).toMatchObject({ to: 'stop', reason: 'holder' });
  });

  it('against wraparound stops it at once', async () => {
    const { look, now } = world({ readers: [vacuum('against wraparound')] });
    expect(await look()).toMatchObject({ to: 'stop', reason: 'wraparound' });
    expect(now()).toBe(1);
  });
});

it('stops for a prepared transaction that nobody has ended for long', async () => {
  const { look, now } = world({
    readers: [{ from: -60_000, until: Infinity, more: { pid: 0, prepared: 'p1' } }],
  });
  expect(await look()).toMatchObject({ to: 'stop', reason: 'prepared', holders: [{ prepared: 'p1' }] });
  expect(now()).toBe(1);
});

it('queues without a limit where nobody waits behind it', async () => {
  const { look, now } = world({ readers: [{ from: -1_000, until: Infinity }] });
  expect(await look(false, true)).toEqual({ to: 'go', lockTimeoutMs: 0 });
  expect(now()).toBe(1);
});
