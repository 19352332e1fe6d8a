/** A session of the database that does something, or keeps a transaction open. What its role may not see is null. */
export interface SessionNow {
  pid: number;
  user: string | null;
  application: string;
  state: string | null;
  /** What it waits for, such as `Lock: relation`; null: for nothing. */
  waits: string | null;
  queryMs: number | null;
  transactionMs: number | null;
  /** At most 200 characters, on one line. */
  query: string | null;
}

/** A lock that somebody waits for. */
export interface LockWait {
  pid: number;
  application: string;
  /** `ACCESS EXCLUSIVE` */
  lock: string;
  /** The relation, or else the kind of lock, such as `transactionid`. */
  on: string;
  waitedMs: number;
  /** A client, and no helper of the server such as autovacuum. */
  client: boolean;
  /** Who holds it, or stands before it in the queue. */
  blockedBy: readonly number[];
  query: string | null;
}

/** How far a command is that tells it: https://www.postgresql.org/docs/current/progress-reporting.html */
export interface ProgressNow {
  pid: number;
  /** `create index`, `vacuum`, `copy` … */
  what: string;
  on: string;
  phase: string | null;
  /** Between 0 and 1; null where there is nothing to count in this phase. */
  share: number | null;
}

/** What goes on in a database at one moment. */
export interface Sample {
  /** At most 100, those with the oldest transaction first. */
  sessions: readonly SessionNow[];
  /** At most 100, who waits longest first. */
  waits: readonly LockWait[];
  /** Locks that our sessions hold and that keep others waiting: `ACCESS EXCLUSIVE on orders`. At most 20. */
  held: readonly string[];
  progress: readonly ProgressNow[];
  /** How much WAL was ever written, in bytes; null on a standby. */
  walBytes: number | null;
  /** How much of it the slowest standby has replayed; null: none is connected, or this role may not see it. */
  replayedBytes: number | null;
}

/** What is told from several samples. */
export interface Rates {
  walBytesPerSecond: number | null;
  /** How old the oldest change is that the slowest standby has not replayed; null: there is none to be seen. */
  lagMs: number | null;
}

/** The last lines of a step's log, each an object as JSON. */
export interface SeenLog {
  path: string;
  lines: readonly string[];
}

/** What `lockkeeper watch` shows. */
export interface SeenNow {
  /** ISO 8601, UTC. */
  at: string;
  target: string;
  /** How the application names of our own sessions begin. */
  ours: string;
  sample: Sample;
  rates: Rates;
  log: SeenLog | null;
}

/** Pids of our own sessions among those of a sample. @param name - how their application names begin */
export const pidsNamed = ({ sessions }: Sample, name: string): number[] =>
  sessions.filter(({ application }) => application.startsWith(name)).map(({ pid }) => pid);

/** Clients that wait for one of these sessions, directly or in the queue behind it; not these themselves. */
export const waitingFor = ({ waits }: Sample, pids: readonly number[]): LockWait[] =>
  waits.filter(
    ({ pid, client, blockedBy }) =>
      client && !pids.includes(pid) && blockedBy.some((each) => pids.includes(each)),
  );
