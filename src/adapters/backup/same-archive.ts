import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Backup, BackupManifest } from '../../domain/backup.js';

const TOC = 'toc.dat';
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/**
 * One hash for all that a restore makes of an archive, and for all that its copy is held against. Two backups of a
 * database in which nothing has changed have the same one: their files differ in their names and in when they were
 * written, and in nothing else.
 */
export async function sameArchive(
  { manifest: path }: Pick<Backup, 'manifest'>,
  { files, contents, fingerprint, revisions, ...manifest }: BackupManifest,
): Promise<string> {
  const archive = files.filter((file) => file.path.startsWith(`${manifest.file}/`));
  const list = archive.find((file) => basename(file.path) === TOC);
  const described = files.find((file) => file.path === manifest.schema)?.sha256;
  const more = JSON.stringify([contents, fingerprint, revisions, described, manifest.pgDumpVersion]);
  const toc = list && (await tocWithoutDate(join(dirname(path), list.path), list.sha256));
  if (!toc) return sha256(`${manifest.sha256}\n${more}`);
  const others = archive
    .filter((file) => file !== list)
    .map((file) => `${basename(file.path)} ${file.sha256}`);
  return sha256([sha256(toc), ...others.sort(), more].join('\n'));
}

/** Versions of the format from which on its compression is a byte; before that it is a number as the date's are. */
const BYTE_FROM = 0x01_0f;
/** Sign and four bytes. */
const NUMBER = 5;
/** Second, minute, hour, day, month, year, summer time. */
const DATE = 7 * NUMBER;

/**
 * Reads the list of an archive with zeros in place of the date: `PGDMP`, version (3 bytes), size of a number, size of
 * an offset, format, compression, date, and then what it is a list of (pg_backup_archiver.c, WriteHead).
 *
 * @returns undefined: it is not what was written, or is written in another way
 */
async function tocWithoutDate(path: string, hash: string): Promise<Buffer | undefined> {
  const toc = await readFile(path).catch(() => undefined);
  if (!toc || sha256(toc) !== hash) return undefined;
  if (toc.subarray(0, 5).toString('latin1') !== 'PGDMP' || toc[8] !== NUMBER - 1) return undefined;
  const version = toc.readUInt16BE(5);
  const from = 11 + (version >= BYTE_FROM ? 1 : NUMBER);
  return toc.fill(0, from, from + DATE);
}
