import { manifestOfBackup } from '../adapters/backup/files.js';
import { readSchemaFile } from '../adapters/backup/schema-file.js';
import { schemaVerdict } from '../adapters/backup/verify-copy.js';
import { withClient } from '../adapters/postgres/client.js';
import type { Backup } from '../domain/backup.js';
import type { Target } from './home.js';

/**
 * Asks of a restored database whose schema has another hash than its backup whether that is for differences which
 * `backup.knownDefects` names: its copy was let through with them, such as an invalid index that no dump has.
 *
 * @returns how it differs besides, in words; undefined: nothing is named, or the backup does not describe its schema
 */
export async function otherThanKnown(
  { url, settings }: Target,
  backup: Backup,
  session: { applicationName: string; signal: AbortSignal },
): Promise<string[] | undefined> {
  const known = settings.backup.knownDefects.map(({ difference }) => difference);
  if (!known.length) return undefined;
  const described = await readSchemaFile(backup, await manifestOfBackup(backup));
  if (!('lines' in described)) return undefined;
  const { lines } = described;
  return (await withClient(url(), session, (client) => schemaVerdict(client, lines, known))).differences;
}
