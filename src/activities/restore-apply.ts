import { join } from 'node:path';
import { type Applied, applyLost } from '../adapters/lost/apply.js';
import { readLost } from '../adapters/lost/folder.js';
import { withClient } from '../adapters/postgres/client.js';
import type { LostIndex } from '../domain/lost.js';
import { noSuchLost } from '../domain/problems/lost.js';
import type { Target } from './home.js';
import { lostFolder } from './restore-lost.js';
import { lostOf } from './restore-list.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

export interface ApplyRequest {
  /** Its id, or the beginning of it. */
  lost: string;
  dryRun: boolean;
  leaveConflicts: boolean;
}

/**
 * Puts rows that a restore has taken away back into the database that runs now.
 *
 * @throws Problem `no-such-lost`, those of `readLost` and `applyLost`
 */
export async function applyRows(
  target: Target,
  { lost, dryRun, leaveConflicts }: ApplyRequest,
  { signal, progress }: Pick<Work, 'signal' | 'progress'>,
): Promise<{ index: LostIndex; applied: Applied }> {
  const all = await lostOf(target);
  const found = all.filter(({ id }) => id.startsWith(lost));
  const only = found.find(({ id }) => id === lost) ?? (found.length === 1 ? found[0] : undefined);
  if (!only)
    throw noSuchLost(
      target.name,
      lost,
      found.map(({ id }) => id),
    );
  const path = join(lostFolder(target), only.id);
  const index = await readLost(path);
  const applied = await withClient(
    target.url(),
    { applicationName: sessionName(target.name, 'apply'), signal },
    (client) => applyLost(client, { path, index, dryRun, leaveConflicts, signal, onProgress: progress }),
  );
  return { index, applied };
}
