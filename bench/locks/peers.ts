/** What others do until they have a lock, with their own parameters. Milliseconds. */
export interface Attempt {
  /** 0: none. */
  lockTimeoutMs: number;
  /** After it has failed. */
  pauseMs: number;
}

export interface Peer {
  name: string;
  /** Where its parameters are from. */
  source: string;
  attempts: (random: () => number) => Iterable<Attempt>;
  /** Before each attempt it waits until nobody is in the way. */
  looksFirst?: true;
}

/** A fixed number of the same attempts. */
const same = (times: number, lockTimeoutMs: number, pauseMs: number) => () =>
  Array.from({ length: times }, () => ({ lockTimeoutMs, pauseMs }));

/** Attempt n, from 0 on, for as many as there are. */
const each = (times: number, attempt: (n: number, random: () => number) => Attempt) =>
  function* (random: () => number): Iterable<Attempt> {
    for (let n = 0; n < times; n += 1) yield attempt(n, random);
  };

/** Seconds of lock_timeout / seconds of sleep after it. */
const gitlabList = `
  0.1/0.05 0.1/0.05 0.2/0.05 0.3/0.1 0.4/0.15 0.5/2 0.5/2 0.5/2 0.5/2 1/5 1/60
  0.1/0.05 0.1/0.05 0.2/0.05 0.3/0.1 0.4/0.15 0.5/2 0.5/2 0.5/2 3/180
  0.1/0.05 0.1/0.05 0.5/2 0.5/2 5/120 0.5/0.5 0.5/0.5 7/300 0.5/0.5 0.5/0.5 7/300 0.5/0.5 0.5/0.5 7/300
  0.1/0.05 0.1/0.05 0.5/2 10/600 0.1/0.05 0.5/2 10/600`
  .trim()
  .split(/\s+/)
  .map((pair) => pair.split('/').map((seconds) => Number(seconds) * 1_000) as [number, number]);

export const peers: readonly Peer[] = [
  {
    name: 'pgroll',
    source: 'pkg/db/db.go: 500 ms, until it has it; 1 s × 2ⁿ up to 60 s, full jitter',
    attempts: each(Infinity, (n, random) => ({
      lockTimeoutMs: 500,
      pauseMs: random() * Math.min(60_000, 1_000 * 2 ** n),
    })),
  },
  {
    name: 'reshape',
    source: 'src/db.rs: 1 s, 10 times; 100 ms × 2ⁿ up to 3.2 s, and up to half of it more',
    attempts: each(10, (n, random) => ({
      lockTimeoutMs: 1_000,
      pauseMs: Math.min(3_200, 100 * 2 ** n) * (1 + random() / 2),
    })),
  },
  {
    name: 'online_migrations',
    source:
      'lib/online_migrations/config.rb: 200 ms, 30 times; random × 10 ms × 2ⁿ up to 60 s, in whole seconds',
    attempts: each(30, (n, random) => ({
      lockTimeoutMs: 200,
      pauseMs: Math.ceil(random() * Math.min(60, 0.01 * 2 ** n)) * 1_000,
    })),
  },
  {
    name: 'GitLab with_lock_retries',
    source: 'lib/gitlab/database/with_lock_retries.rb: its list of 41, then without a timeout',
    attempts: () => [
      ...gitlabList.map(([lockTimeoutMs, pauseMs]) => ({ lockTimeoutMs, pauseMs })),
      { lockTimeoutMs: 0, pauseMs: 0 },
    ],
  },
  {
    name: 'safe-pg-migrations',
    source: 'lib/safe-pg-migrations/configuration.rb: 5 s × 0.99, 5 times, 60 s apart',
    attempts: same(5, 4_950, 60_000),
  },
  {
    name: 'pg-osc',
    source: 'lib/pg_online_schema_change/query.rb: 10 s, 3 times; ending the holders is off by default',
    attempts: same(3, 10_000, 0),
  },
  {
    name: 'strong_migrations',
    source: 'README, "Lock Timeouts" and "Lock Timeout Retries": 10 s, 3 more times, 10 s apart',
    attempts: same(4, 10_000, 10_000),
  },
  {
    name: 'look-first prototype',
    source: 'ours of before: looks every 100 ms, then 100 ms',
    attempts: each(Infinity, () => ({ lockTimeoutMs: 100, pauseMs: 0 })),
    looksFirst: true,
  },
];
