import type { BackupManifest } from '../../domain/backup.js';
import type { Client } from '../postgres/client.js';

/**
 * Extensions that the server does not have, or would install in another version than the backup's: an archive
 * names them without their version.
 *
 * @returns a line each
 */
export async function extensionFaults(server: Client, { contents }: BackupManifest): Promise<string[]> {
  const { rows } = await server.query<{ name: string; version: string }>(
    'SELECT name, default_version AS version FROM pg_available_extensions',
  );
  const offered = new Map(rows.map(({ name, version }) => [name, version]));
  return Object.entries(contents.extensions).flatMap(([name, version]) => {
    const has = offered.get(name);
    if (has === undefined) return [`extension ${name} ${version}: the server does not have it`];
    return has === version
      ? []
      : [`extension ${name}: ${version} in the backup, and the server would install ${has}`];
  });
}
