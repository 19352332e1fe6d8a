import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { BackupFile, BackupGlobals } from '../../domain/backup.js';
import type { Client } from '../postgres/client.js';
import { connectionOf, libpqEnvironment } from '../postgres/connection.js';
import { syncPath } from '../disk.js';
import { shell, ToolFailed } from '../shell.js';
import { toolWords, type Watched } from './archive.js';
import type { BackupFiles } from './files.js';
import { sha256Of } from './hashes.js';
import { globalsCommand, type PgTools } from './pg-tools.js';

/** What was written of the globals; or why nothing was. */
export type Globals = { globals: BackupGlobals; file: BackupFile } | { globals: null; why: string };

/**
 * Writes down roles, memberships, settings of roles and tablespaces: they belong to the server, and no dump of a
 * database has them. With the verifiers of passwords where the role may read them: the file is private.
 *
 * A role that may not is no reason to have no backup: it is told as an alarm.
 */
export async function writeGlobals(
  tools: PgTools,
  {
    files,
    url,
    session,
    passwords,
  }: { files: BackupFiles; url: string; session: string; passwords: boolean },
  { signal }: Pick<Watched, 'signal'>,
): Promise<Globals> {
  const part = files.globalsPart;
  // pg_dumpall would make it readable for all; it keeps the mode of what is there.
  await (await open(part, 'wx', 0o600)).close();
  const connection = connectionOf(url);
  const env = libpqEnvironment(connection, session);
  // It leaves the time-outs of the role as they are.
  const options = `${env['PGOPTIONS'] ?? ''} -c statement_timeout=0 -c lock_timeout=0`.trim();
  const command = globalsCommand(tools, { part, passwords, database: connection.database });
  try {
    await shell({ ...command, env: { ...env, PGOPTIONS: options } }, { signal });
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    return { globals: null, why: toolWords(error) };
  }
  await syncPath(part);
  let bytes = 0;
  const sha256 = await sha256Of(part, signal, (read) => (bytes = read));
  const file = basename(files.globals);
  return { globals: { file, passwords }, file: { path: file, bytes, sha256 } };
}

/** @returns whether the role may read the verifiers of passwords */
export async function mayReadPasswords(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS may`,
  );
  return rows[0]?.may ?? false;
}
