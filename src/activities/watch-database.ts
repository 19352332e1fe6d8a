import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../adapters/postgres/client.js';
import { watcherOf } from '../adapters/postgres/live.js';
import type { SeenNow } from '../domain/live.js';
import { Problem } from '../domain/problem.js';
import { Rater } from '../domain/rates.js';
import type { Target } from './home.js';
import { lastLog } from './last-log.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/**
 * Looks what goes on in a target's database, for people: sessions, locks that are waited for, commands that tell how far
 * they are, and the log of its newest migration. Needs no Temporal, and changes nothing.
 *
 * A session that is lost later, as when a restore swaps databases, is opened again.
 *
 * @param everyMs - null: look once
 * @throws Problem of `withClient` before the first look; the signal's reason when aborted
 */
export async function watchDatabase(
  target: Target,
  everyMs: number | null,
  { signal }: Pick<Work, 'signal'>,
  show: (seen: SeenNow) => void,
  lost: (why: string) => void = () => undefined,
): Promise<void> {
  let looked = false;
  const seen = (now: SeenNow): void => {
    looked = true;
    show(now);
  };
  for (;;) {
    try {
      return await lookOn(target, everyMs, signal, seen);
    } catch (error) {
      if (!looked || everyMs === null || !(error instanceof Problem)) throw error;
      lost(error.message);
    }
    await sleep(Math.max(everyMs, AGAIN_MS), undefined, { signal });
  }
}

const AGAIN_MS = 1_000;

async function lookOn(
  target: Target,
  everyMs: number | null,
  signal: AbortSignal,
  show: (seen: SeenNow) => void,
): Promise<void> {
  const options = { applicationName: sessionName(target.name, 'watch'), signal };
  const ours = sessionName(target.name, '');
  await withClient(target.url(), options, async (client) => {
    const watcher = await watcherOf(client);
    const rater = new Rater();
    for (;;) {
      const sample = await watcher.sample(ours);
      const at = Date.now();
      show({
        ...{
          at: new Date(at).toISOString(),
          target: target.name,
          ours,
          sample,
          rates: rater.take(sample, at),
        },
        log: await lastLog(target),
      });
      if (everyMs === null) return;
      await sleep(everyMs, undefined, { signal });
    }
  });
}
