import { setTimeout as sleep } from 'node:timers/promises';
import type { StatementAsk } from '../../adapters/alembic/events.js';
import { cancelAutovacuum } from '../../adapters/postgres/end-holders.js';
import {
  holdersInTheWay,
  waitOf,
  type HolderSeen,
  type LockWait,
} from '../../adapters/postgres/lock-holders.js';
import { progressOf, sessionsOf } from '../../adapters/postgres/statement-progress.js';
import type { Holder } from '../../domain/blocked.js';
import { holderText } from '../../domain/problems/lock-blocked.js';
import { duration } from '../../domain/units.js';
import type { WantedLock } from '../../locks/wanted.js';
import type { LookoutOptions } from './looking.js';
import type { Surroundings } from './waiting.js';

/** From here on people are told what a statement does that they wait for. */
const LONG_MS = 1_000;

type Eyes = Pick<LookoutOptions, 'client' | 'stall' | 'waitMs' | 'attemptMs' | 'progress' | 'signal'>;

/** The real server, for one statement that waits. @param pids - the migration's own sessions */
export function surroundingsOf(
  { client, stall, waitMs, attemptMs, progress, signal }: Eyes,
  pids: readonly number[],
  { revision, locks }: { revision: string; locks: readonly WantedLock[] },
): Surroundings {
  const wants = locks.map(({ name, lock }) => `${lock} on ${name}`).join(', ');
  return {
    ...{ stall, waitMs, attemptMs },
    now: () => performance.now(),
    sleep: (ms) => sleep(ms, undefined, { signal }),
    probe: async (wanted) => (wanted.length ? holdersInTheWay(client, wanted, pids) : []),
    cancelAutovacuum: async (holder) => {
      const told = await cancelAutovacuum(client, holder);
      progress(
        `revision ${revision}: autovacuum (pid ${holder.pid}) ${told ? 'was cancelled' : 'is waited for'}`,
      );
      return told;
    },
    deadlockTimeoutMs: async () => {
      const { rows } = await client.query<{ ms: number }>(
        `SELECT setting::int AS ms FROM pg_settings WHERE name = 'deadlock_timeout'`,
      );
      return rows[0]?.ms ?? 1_000;
    },
    tell: (holders, waitedMs) => {
      const [first] = holders;
      const more = new Set(holders.map(({ transaction }) => transaction)).size - 1;
      if (first)
        progress(
          `revision ${revision}: waits for ${wants}, for ${duration(waitedMs)}, nobody behind it: ` +
            `${holderText(first)}${more > 0 ? ` and ${more} more` : ''}`,
        );
    },
  };
}

/** How a statement that was sent is looked at, and what people are told of it. */
export function watching(
  { client, progress }: Eyes,
  { pid, sql }: StatementAsk,
  { revision, gently }: { revision: string; gently: boolean },
): [
  look: () => Promise<LockWait | undefined>,
  each: (wait: LockWait | undefined, ms: number) => Promise<void>,
] {
  const each = async (wait: LockWait | undefined, ms: number): Promise<void> => {
    if (ms < LONG_MS) return;
    const done = await progressOf(client, pid);
    const blockers = wait ? await sessionsOf(client, wait.blockers) : [];
    const behind = gently || !wait ? '' : ', others behind it';
    const words = blockers.length ? `waits for ${blockers.join(' and ')}${behind}` : done;
    const what = sql.replace(/\s+/g, ' ').trim().slice(0, 80);
    progress(`revision ${revision}: ${what}, for ${duration(ms)}${words ? `: ${words}` : ''}`);
  };
  return [() => waitOf(client, pid), each];
}

/** The holders as they travel: without what only the wait for them needs. */
export const asHolders = (holders: readonly HolderSeen[], mask: (text: string) => string): Holder[] =>
  [...new Map(holders.map((each) => [each.transaction, each])).values()]
    .slice(0, 20)
    .map(({ pid, backendStart, user, application, state, transactionMs, query, mode, prepared }) => ({
      ...{ pid, backendStart, user, application, state, mode },
      query: query === null ? null : mask(query),
      transactionMs: transactionMs === null ? null : Math.round(transactionMs),
      ...(prepared === undefined ? {} : { prepared }),
    }));
