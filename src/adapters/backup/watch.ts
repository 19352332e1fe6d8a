import { setTimeout as wait } from 'node:timers/promises';
import { backupGaveWay, backupTooLong } from '../../domain/problems/backup-locks.js';
import { connectionLost } from '../../domain/problems/database.js';
import { type Client, withClient } from '../postgres/client.js';
import { addressOf, connectionOf } from '../postgres/connection.js';
import { together } from './together.js';

export interface WatchOptions {
  /** What all sessions of the backup are called; the one that watches, too. */
  session: string;
  /** How long others may wait for our locks. */
  giveWayMs: number;
  /** How long the server may be silent. */
  silentMs: number;
  /** How long the snapshot may be held. */
  longestMs: number;
  signal: AbortSignal;
}

const LOOK_EVERY_MS = 500;

/**
 * Does the work while another session looks whether somebody waits for its locks, and whether the server still
 * answers. An ALTER TABLE that waits for a dump stops all who come after it, so after `giveWayMs` the work is
 * ended; so it is after `longestMs`, since vacuum can clear nothing away as long as the snapshot lives. A network that swallows packets is found by the silence: TCP alone would wait for hours.
 *
 * @throws Problem `backup-gave-way`, `connection-lost` (both retried), `backup-too-long`; what `work` throws
 */
export async function whileWatched<T>(
  url: string,
  options: WatchOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const [result] = await together(
    options.signal,
    (signal) => work(signal).finally(() => over.abort()),
    (signal) => watch(url, { ...options, signal }, over.signal),
  );
  return result;
}

const watch = (url: string, options: WatchOptions, over: AbortSignal): Promise<void> =>
  withClient(url, { applicationName: options.session, signal: options.signal }, async (client) => {
    const waiting = new Map<number, number>();
    const began = performance.now();
    while (!over.aborted) {
      const found = await answered(url, options.silentMs, waiters(client, options.session));
      const now = performance.now();
      if (now - began >= options.longestMs) throw backupTooLong(options.longestMs);
      for (const pid of waiting.keys()) if (!found.some((each) => each.pid === pid)) waiting.delete(pid);
      for (const { pid } of found) waiting.set(pid, waiting.get(pid) ?? now);
      const late = found.filter(({ pid }) => now - (waiting.get(pid) ?? now) >= options.giveWayMs);
      if (late.length)
        throw backupGaveWay(
          options.giveWayMs,
          late.map(({ words }) => words),
        );
      await wait(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
    }
  });

/**
 * Waits for an answer, and not for ever.
 *
 * @throws Problem `connection-lost` (retried)
 */
export async function answered<T>(url: string, silentMs: number, asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const lost = () => reject(connectionLost(addressOf(connectionOf(url)), `no answer for ${silentMs} ms`));
    timer = setTimeout(lost, silentMs);
  });
  try {
    return await Promise.race([asked, silence]);
  } finally {
    clearTimeout(timer);
    asked.catch(() => undefined); // its session is cut off with the rest
  }
}

// Vacuum lets go by itself when it only wants to give space back; our own sessions have a time-out.
const waitersQuery = `
  SELECT a.pid, format('pid %s%s of %s: %s', a.pid, coalesce(' (' || nullif(a.application_name, '') || ')', ''),
    a.usename, left(regexp_replace(coalesce(a.query, ''), '\\s+', ' ', 'g'), 80)) AS words
  FROM pg_stat_activity a
  WHERE a.datname = current_database() AND a.wait_event_type = 'Lock' AND a.backend_type = 'client backend'
    AND NOT starts_with(a.application_name, $1)
    AND pg_blocking_pids(a.pid) && ARRAY(
      SELECT pid FROM pg_stat_activity WHERE starts_with(application_name, $1) AND pid <> pg_backend_pid())
  ORDER BY a.pid`;

interface Waiter {
  pid: number;
  words: string;
}

const waiters = async (client: Client, session: string): Promise<Waiter[]> =>
  (await client.query<Waiter>(waitersQuery, [session])).rows;
