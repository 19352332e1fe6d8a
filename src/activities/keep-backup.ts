import { pin } from '../adapters/backup/holds.js';
import type { Backup } from '../domain/backup.js';
import { Problem } from '../domain/problem.js';
import { count } from '../domain/units.js';
import { expireBackups } from './expire.js';
import type { Target } from './home.js';
import { copiesLater, keepCopies } from './keep-copies.js';
import { pinOf } from './pins.js';
import type { Work } from './work.js';

export interface KeepInput {
  runId: string;
  /** It was taken before a change: whoever goes back needs it. */
  beforeChange: boolean;
  /** The run goes on with the site closed: nobody waits for a store then. */
  waiting: boolean;
}

/**
 * What follows a backup that was taken: it is pinned for the run that it was taken for, copied, and those that
 * `backup.keep` lets go are deleted.
 *
 * @returns what was done, a line each
 * @throws Problem of `keepCopies`
 */
export async function keepBackup(
  target: Target,
  backup: Backup,
  { runId, beforeChange, waiting }: KeepInput,
  work: Work,
): Promise<string[]> {
  if (beforeChange) await pin(backup, { ...pinOf(runId), why: 'taken before its change' });
  if (waiting) {
    await copiesLater(target, backup);
    return [];
  }
  const copied = await keepCopies(target, backup, work);
  return [...copied, ...(await expireAfter(target, work))];
}

/** A backup that was taken counts, whatever becomes of older ones. */
async function expireAfter(target: Target, work: Work): Promise<string[]> {
  if (!target.settings.backup.keep) return [];
  try {
    const { deleted, notes } = await expireBackups(target, work);
    return [
      ...(deleted.length ? [`${count(deleted.length, 'older backup')} expired`] : []),
      ...notes.slice(0, 3),
    ];
  } catch (error) {
    if (!(error instanceof Problem) || work.signal.aborted) throw error;
    return [`NOT expired: ${error.message}`];
  }
}
