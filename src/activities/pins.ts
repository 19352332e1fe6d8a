import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pin } from '../domain/copies.js';
import type { Target } from './home.js';
import { recordsOf } from './records.js';
import { DAY_MS } from '../domain/units.js';
import { shortRun } from '../domain/run-id.js';

/**
 * Which pins hold now. One of a run holds until that has ended, and for `backup.keepReplacedDays` after it: as long as
 * the database that a restore would bring back may still be wanted.
 */
export async function pinHolds(target: Target): Promise<(pin: Pin) => Promise<boolean>> {
  const { state } = target.config;
  const keptMs = target.settings.backup.keepReplacedDays * DAY_MS;
  const records = await recordsOf(state, target.name);
  const ends = new Map(records.map(({ runId, facts }) => [runId, Date.parse(facts.at(-1)?.at ?? '')]));
  return async ({ runId }) => {
    if (runId === undefined) return true;
    const ended = ends.get(runId) ?? (await foundDead(state, runId));
    return ended === undefined || !(Date.now() >= ended + keptMs);
  };
}

/** A pin of a run, without its reason. */
export const pinOf = (runId: string): Omit<Pin, 'why'> => ({
  by: `run ${shortRun(runId)}`,
  runId,
  at: new Date().toISOString(),
});

/** When a later run has found that this one was ended from outside: such a run has no record. */
const foundDead = (state: string, runId: string): Promise<number | undefined> =>
  stat(join(state, 'logs', runId, 'found-by')).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
