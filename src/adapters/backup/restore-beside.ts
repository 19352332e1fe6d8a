import type { Backup, BackupManifest } from '../../domain/backup.js';
import { type Filling, filledBeside, type Restored, type RestoreOptions } from './filled-beside.js';
import { notingProof } from './proofs.js';
import { type Ready, readyFor, restoreArchive, trusted } from './restore-archive.js';
import { type ReadSchema, readSchemaFile } from './schema-file.js';
import { verifyCopy } from './verify-copy.js';

export { dropCopy, type Restored, type RestoreOptions } from './filled-beside.js';

/**
 * Restores a backup into a new database beside the one it was taken of, and proves it (level 3): rows of each
 * table, sequences, revisions and schema are those of the manifest. The database itself is not touched; what
 * hangs on it (owner, privileges, settings) is copied.
 *
 * Safe to repeat, and to be killed anywhere: a copy that an earlier attempt has finished is compared again and
 * given back, all else that it left is dropped first, with the sessions that work on it.
 *
 * @throws Problem `backup-missing`, `backup-damaged`, `pg-restore-unfit`, `may-not-create-database`,
 *   `may-not-copy-properties`, `restore-failed`, `not-as-backup`, `not-a-copy`; `restore-interrupted` (retried);
 *   those of `withClient`
 */
export async function restoreBeside(
  database: { url: string },
  backup: Backup,
  options: RestoreOptions,
): Promise<Restored> {
  const manifest = await trusted(backup, options);
  const described = await readSchemaFile(backup, manifest);
  const filling = ofArchive(manifest, described, backup.path, options);
  const { result } = await notingProof(
    backup,
    { level: 'L3', run: options.name },
    () => filledBeside(database, filling, options),
    ({ ms, notes }) => ({ restoreMs: ms, ...(notes.length ? { notes } : {}) }),
    () => undefined, // whoever restores does not need it: only lists and alarms show it
  );
  return result;
}

function ofArchive(
  manifest: BackupManifest,
  described: ReadSchema,
  path: string,
  options: RestoreOptions,
): Filling {
  let ready: Ready;
  return {
    sha256: manifest.sha256,
    ready: async (server) => void (ready = await readyFor(server, manifest, options)),
    fill: (copy) => restoreArchive(ready, { path, ...copy }, options),
    verdict: (client, databases) => verifyCopy(client, manifest, { ...options, described, databases }),
  };
}
