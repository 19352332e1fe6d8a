import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../postgres/client.js';
import { movedSince, REPORT_MS, untilReported, writeCounters, type WriteCounters } from './counters.js';
import { busySessions, busyText, endSession, others, serverTime, type Busy } from './sessions.js';

const POLL_MS = 100;
/** An ended session needs a moment to roll back. */
const ENDING_MS = 5_000;

/**
 * Waits until nobody else is in a transaction that may write; those that take longer than `waitMs` are ended,
 * except sessions of superusers other than our own role (an operator's) and prepared transactions.
 *
 * @param options.onBusy - called while waiting, when who is busy has changed
 * @returns those that are left
 */
export async function untilIdle(client: Client, options: Patience): Promise<Busy[]> {
  const since = await serverTime(client);
  const left = await idleWithin(client, since, options);
  const toEnd = left.flatMap(({ pid, spared }) => (pid === null || spared ? [] : [pid]));
  if (toEnd.length === 0) return left;
  for (const pid of toEnd) await endSession(client, pid);
  return idleWithin(client, since, { ...options, waitMs: ENDING_MS });
}

interface Patience {
  waitMs: number;
  signal: AbortSignal;
  onBusy: (busy: readonly Busy[]) => void;
}

async function idleWithin(
  client: Client,
  since: string,
  { waitMs, signal, onBusy }: Patience,
): Promise<Busy[]> {
  const until = performance.now() + waitMs;
  let told = '';
  for (;;) {
    const busy = await busySessions(client, since);
    if (busy.length === 0 || performance.now() >= until) return busy;
    const who = busy.map(({ pid, applicationName }) => pid ?? applicationName).join();
    if (who !== told) onBusy(busy);
    told = who;
    await sleep(POLL_MS, undefined, { signal });
  }
}

/**
 * So long no transaction of the server must have written. Each that does takes an id, so that it is certain at once,
 * and no report is waited for. The time is there for whoever writes again and again: a heartbeat, or a client that
 * tries again, each second. Who writes more rarely is met by no wait that a closed site can afford: the counters
 * are compared again after the backup and before a restore, and tell of it.
 */
const UNWRITTEN_MS = 1_200;
/** So long no session must have done anything: they report what they wrote a second after it, or later. */
const INACTIVE_MS = 2_000;
const LOOK_MS = 250;
/** A transaction that began after all others had ended, and is still open after so long, is no coincidence. */
const GIVE_UP_MS = 15_000;

/**
 * Waits until nobody writes. It is certain when no transaction of the whole server has written for 1.2 s, and when
 * no other session of this database has done anything for 2 s and all have reported what they wrote before. Beside
 * a session that is busy all the time, such as a monitor, the tables must not change for as long as a report
 * takes.
 *
 * @returns the counters, and what moved, or who is still in a transaction, when it would not stop
 */
export async function untilQuiet(
  client: Client,
  signal: AbortSignal,
): Promise<{ counters: WriteCounters; moved: string[] }> {
  const began = performance.now();
  const first = await writeCounters(client);
  let [written, active, tables] = [first, first, first];
  let [writtenAt, activeAt, tablesAt] = [began, began, began];
  for (;;) {
    await sleep(LOOK_MS, undefined, { signal });
    const counters = await writeCounters(client);
    const now = performance.now();
    if (counters.xid !== written.xid) [written, writtenAt] = [counters, now];
    if (counters.reportedAt !== active.reportedAt) [active, activeAt] = [counters, now];
    const moved = movedSince(tables, counters);
    // What was written before we began has been reported by now: this was written later.
    if (moved.length && now - began > REPORT_MS) return { counters, moved };
    if (moved.length) [tables, tablesAt] = [counters, now];
    const nobodyActive =
      now - Math.max(activeAt, tablesAt) >= INACTIVE_MS && untilReported(active, counters) === 0;
    if (now - writtenAt < UNWRITTEN_MS && !nobodyActive && now - tablesAt <= REPORT_MS) continue;
    // A transaction that has written and goes on is in no counter yet.
    const busy = await busySessions(client, first.at);
    if (busy.length === 0 || now - began > GIVE_UP_MS) return { counters, moved: busy.map(busyText) };
  }
}

// Before version 15 an idle session may keep its counts for itself until it does something else.
const keptBackQuery = `
  SELECT count(*)::int AS n FROM pg_stat_activity
  WHERE ${others} AND state_change >= $1::timestamptz AND current_setting('server_version_num')::int < 150000`;

/**
 * What was written since `before`. Waits, at most ten seconds, where sessions have not reported yet: so that what
 * they wrote is not missed, and so that what they wrote before `before` is in the counters that are returned.
 *
 * @param options.last - no look goes on from the counters that are returned: where it is certain at once that
 *   nobody has written, nothing is waited for
 * @returns tables and numbers in words, and the counters now, from which the next look goes on
 */
export async function whatMoved(
  client: Client,
  before: WriteCounters,
  { signal, last = false }: { signal: AbortSignal; last?: boolean },
): Promise<{ counters: WriteCounters; moved: string[] }> {
  const now = await writeCounters(client);
  const moved = movedSince(before, now);
  if (moved.length) return { counters: now, moved };
  const isCertain = before.xid === now.xid;
  if (isCertain && last) return { counters: now, moved: [] };
  const waitMs = untilReported(isCertain ? before : now, now);
  if (waitMs) await sleep(waitMs, undefined, { signal });
  const late = waitMs ? await writeCounters(client) : now;
  // What no transaction has written since was written before, and is only reported now.
  if (isCertain) return { counters: late, moved: movedSince(now, late) };
  return { counters: late, moved: [...movedSince(before, late), ...(await keptBack(client, before.at))] };
}

async function keptBack(client: Client, since: string): Promise<string[]> {
  const n = (await client.query<{ n: number }>(keptBackQuery, [since])).rows[0]?.n ?? 0;
  return n ? [`${n} sessions were active and may not have reported what they wrote`] : [];
}
