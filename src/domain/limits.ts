import { pidsNamed, waitingFor, type Rates, type Sample } from './live.js';
import type { Problem } from './problem.js';
import { othersWaitTooLong, replicationLags } from './problems/limits.js';
import { duration } from './units.js';

/** What a migration that is at work may cost others. */
export interface Limits {
  /** How long they may wait for its locks, in milliseconds. */
  budgetMs: number;
  lagSeconds?: number | undefined;
}

/** Looks are half a second apart, and whoever was let go may be counted once more. */
const GRACE_MS = 250;
const MOST_NAMED = 3;

/** Why a migration must be stopped now; undefined: it need not. @param name - of its sessions */
export function limitReached(
  sample: Sample,
  { lagMs }: Rates,
  limits: Limits,
  name: string,
): Problem | undefined {
  const pids = pidsNamed(sample, name);
  const [longest, ...others] = waitingFor(sample, pids);
  if (longest && longest.waitedMs > limits.budgetMs + GRACE_MS) {
    const who = [longest, ...others]
      .slice(0, MOST_NAMED)
      .map(
        ({ pid, application, lock, on, waitedMs }) =>
          `pid ${pid}${application ? ` (${application})` : ''} waits ${duration(waitedMs)} for ${lock} on ${on}`,
      );
    const own = sample.sessions.find(({ pid, state }) => pids.includes(pid) && state === 'active');
    return othersWaitTooLong(longest.waitedMs, limits.budgetMs, who, own?.query ?? '');
  }
  const { lagSeconds } = limits;
  if (lagSeconds !== undefined && lagMs !== null && lagMs > lagSeconds * 1000)
    return replicationLags(lagMs, lagSeconds);
  return undefined;
}
