import { DAY_MS } from '../domain/units.js';
/** What retention has to know of a backup. Times are ISO 8601, by the clock of the database. */
export interface Retained {
  id: string;
  startedAt: string;
  /** Restored and compared with its manifest (L3 or more). */
  proved: boolean;
  /** Why it must stay, in words: pins that hold, and who reads it now. */
  held: readonly string[];
}

/** How many are kept. What is not there asks for none. */
export interface RetentionPolicy {
  last?: number | undefined;
  /** All that are younger than so many days. */
  days?: number | undefined;
  daily?: number | undefined;
  weekly?: number | undefined;
  monthly?: number | undefined;
  yearly?: number | undefined;
}

export interface Verdict {
  id: string;
  /** Why it is kept; empty: it is not. */
  reasons: readonly string[];
}

export interface Clock {
  /** Milliseconds since 1970. */
  now: number;
  /** By how much this host's clock has jumped, or is off the database's, as far as it is known. Milliseconds. */
  offMs?: number;
}

export type Retention = { refused: string } | { verdicts: readonly Verdict[] };

const MOST_JUMP_MS = 3_600_000;

/**
 * Which backups are kept, and why. Only what is older than the newest proven backup can go: all younger ones may be
 * worth nothing. Each rule counts twice, over all backups and over the proven ones alone, so that bad ones never
 * push out a good one. Buckets are those of UTC; within one the newest stands for it.
 *
 * @returns a verdict on each, the newest first; or why nothing may be deleted at all
 */
export function retention(backups: readonly Retained[], policy: RetentionPolicy, clock: Clock): Retention {
  const sorted = [...backups].sort(newestFirst);
  const why = whyRefused(sorted, clock);
  if (why) return { refused: why };
  const newestProved = sorted.findIndex(({ proved }) => proved);
  const asked = reasonsByPolicy(sorted, policy, clock.now);
  return {
    verdicts: sorted.map(({ id, held }, i) => ({
      id,
      reasons: [...floor(i, newestProved), ...held, ...(asked.get(id) ?? [])],
    })),
  };
}

const newestFirst = (a: Retained, b: Retained): number =>
  Date.parse(b.startedAt) - Date.parse(a.startedAt) || (a.id < b.id ? 1 : -1);

/** What no policy can switch off. */
function floor(index: number, newestProved: number): string[] {
  if (newestProved === -1) return ['none is proven'];
  if (index < newestProved) return ['newer than the last proven'];
  return index === newestProved ? ['the last proven'] : [];
}

function whyRefused(sorted: readonly Retained[], { now, offMs = 0 }: Clock): string | null {
  const bad = sorted.find(({ startedAt }) => Number.isNaN(Date.parse(startedAt)));
  if (bad) return `the time of ${bad.id} cannot be read: ${bad.startedAt}`;
  const newest = sorted[0];
  if (newest && now < Date.parse(newest.startedAt))
    return `by the clock of this host it is ${iso(now)}, before the newest backup, ${newest.id} of ${newest.startedAt}`;
  if (Math.abs(offMs) > MOST_JUMP_MS)
    return `the clock of this host has jumped by ${Math.round(offMs / 60_000)} minutes, or is off by as much`;
  return null;
}

const iso = (ms: number): string => new Date(ms).toISOString();

function reasonsByPolicy(
  sorted: readonly Retained[],
  policy: RetentionPolicy,
  now: number,
): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  const keep = (id: string, why: string) => {
    const known = reasons.get(id) ?? [];
    if (!known.includes(why)) reasons.set(id, [...known, why]);
  };
  for (const some of [sorted, sorted.filter(({ proved }) => proved)]) {
    for (const { id } of some.slice(0, policy.last ?? 0)) keep(id, 'last');
    const since = now - (policy.days ?? 0) * DAY_MS;
    for (const { id, startedAt } of some) if (Date.parse(startedAt) > since) keep(id, 'days');
    for (const [name, bucketOf] of Object.entries(buckets) as [Bucket, (at: Date) => string][])
      for (const id of newestOfBuckets(some, bucketOf, policy[name] ?? 0)) keep(id, name);
  }
  return reasons;
}

type Bucket = 'daily' | 'weekly' | 'monthly' | 'yearly';

const buckets: Readonly<Record<Bucket, (at: Date) => string>> = {
  daily: (at) => at.toISOString().slice(0, 10),
  // Weeks begin on Monday, as those of ISO 8601; 1970 began on a Thursday.
  weekly: (at) => String(Math.floor((Math.floor(at.getTime() / DAY_MS) + 3) / 7)),
  monthly: (at) => at.toISOString().slice(0, 7),
  yearly: (at) => at.toISOString().slice(0, 4),
};

/** The newest of each of the newest `most` buckets that are not empty. */
function newestOfBuckets(
  sorted: readonly Retained[],
  bucketOf: (at: Date) => string,
  most: number,
): readonly string[] {
  const newest = new Map<string, string>();
  for (const { id, startedAt } of sorted) {
    const bucket = bucketOf(new Date(startedAt));
    if (!newest.has(bucket)) newest.set(bucket, id);
  }
  return [...newest.values()].slice(0, most);
}
