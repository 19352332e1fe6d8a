import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Backup, BackupFile, BackupManifest } from '../../domain/backup.js';
import type { BackupFiles } from './files.js';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Writes the description of the schema, under a name that does not count yet. */
export async function writeSchemaPart(
  { schema, schemaPart }: Pick<BackupFiles, 'schema' | 'schemaPart'>,
  lines: readonly string[],
): Promise<BackupFile> {
  const text = lines.map((line) => `${line}\n`).join('');
  const file = await open(schemaPart, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return { path: basename(schema), bytes: Buffer.byteLength(text), sha256: hashOf(text) };
}

/** What a backup says of its schema; `fault`: in words, why that cannot be used. */
export type ReadSchema = { lines: readonly string[] } | { fault: string };

/** Reads it, if the backup has one: those of earlier versions have a hash in the manifest only. */
export async function readSchemaFile(
  backup: Pick<Backup, 'manifest'>,
  { schema, files }: Pick<BackupManifest, 'schema' | 'files'>,
): Promise<ReadSchema> {
  if (!schema) return { fault: 'it was taken by a version that did not describe the schema' };
  const path = join(dirname(backup.manifest), basename(schema));
  const text = await readFile(path, 'utf8').catch((error: Error) => error);
  if (typeof text !== 'string') return { fault: text.message };
  if (hashOf(text) !== files.find(({ path: name }) => name === schema)?.sha256)
    return { fault: `${path} is not what was written` };
  return { lines: text.split('\n').slice(0, -1) };
}
