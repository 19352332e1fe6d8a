import { randomUUID } from 'node:crypto';
import { restoreElsewhere } from '../adapters/backup/restore-elsewhere.js';
import { whyNoDatabaseUrl } from '../config/references.js';
import { resolved } from '../config/secrets.js';
import { badTarget } from '../domain/problems/restore-run.js';
import { duration } from '../domain/units.js';
import { usualVersionTable } from '../adapters/postgres/revisions.js';
import { backupNamed } from './backups.js';
import type { Target } from './home.js';
import { restoreOptions } from './restore-options.js';
import type { Work } from './work.js';

/**
 * Restores a backup into an empty or new database on another server. The target's own is not touched, and Temporal
 * is not needed: the server of the target may be gone.
 *
 * @param to - `${NAME}` or `file:PATH`, which give the URL; never with a password in it
 * @returns what was done, in words
 * @throws Problem `bad-restore-target`, those of `restoreElsewhere`
 */
export async function restoreTo(
  target: Target,
  { backup: wanted, to }: { backup: string; to: string },
  work: Work,
): Promise<string> {
  const why = whyNoDatabaseUrl(to);
  if (why) throw badTarget(why);
  const url = resolved(to, '--to', target.config.folder);
  const { backup, manifest } = await backupNamed(target, wanted);
  const versionTable = manifest.versionTable ?? usualVersionTable;
  const standing = { revisions: manifest.revisions, fingerprint: manifest.fingerprint };
  const runId = randomUUID();
  const options = await restoreOptions(
    target,
    { versionTable, standing },
    { runId, backup },
    work,
    'restore',
  );
  const { place, ms, hints } = await restoreElsewhere(url, backup, options);
  return [
    `${place} is the backup ${backup.id} of ${backup.startedAt}, to the row; restored in ${duration(ms)}`,
    ...hints,
  ].join('\n');
}
