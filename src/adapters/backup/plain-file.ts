import { stat } from 'node:fs/promises';
import { fileUnfit } from '../../domain/problems/restore-run.js';
import { readPiece } from '../disk.js';
import { sha256Of, tellRead } from './hashes.js';

export interface PlainFile {
  kind: 'file';
  path: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** As much of its end as holds the last line that pg_dump writes, and the one that ends psql's restriction. */
const TAIL = 4_096;
const HEAD = 65_536;
const COMPLETE = '-- PostgreSQL database dump complete';

/**
 * Looks whether a file is a whole dump of one database in plain SQL: psql itself takes a file that was cut off in
 * the middle of a COPY for a whole one, and exits with 0.
 *
 * @throws Problem `file-unfit`
 */
export async function plainFile(
  path: string,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (text: string) => void },
): Promise<PlainFile> {
  const { size } = await stat(path).catch((error: Error) => {
    throw fileUnfit(path, error.message);
  });
  const head = await part(path, 0, Math.min(HEAD, size));
  const tail = await part(path, Math.max(0, size - TAIL), Math.min(TAIL, size));
  const why = whyUnfit(head, tail);
  if (why) throw fileUnfit(path, why);
  const sha256 = await sha256Of(path, signal, tellRead(`reading ${path}`, size, onProgress));
  return { kind: 'file', path, bytes: size, sha256 };
}

/** Why a file cannot be restored, or null. @param head, tail - its first and last kilobytes */
export function whyUnfit(head: string, tail: string): string | null {
  if (head.startsWith('PGDMP'))
    return 'it is an archive of pg_dump, not SQL: bring it in as a backup, or use pg_restore';
  if (head.startsWith('\u001f')) return 'it is compressed: unpack it first';
  if (head.includes('-- PostgreSQL database cluster dump'))
    return 'it is of pg_dumpall, of a whole server: it names its databases itself';
  if (!head.includes('-- PostgreSQL database dump'))
    return 'it does not begin as pg_dump begins a file of SQL';
  if (/^(\\connect|CREATE DATABASE)/m.test(head))
    return 'it was written with --create, and would connect to a database of its own choice';
  if (!tail.includes(COMPLETE)) return `it was cut off: its last line is not "${COMPLETE}"`;
  const key = /^\\restrict (\S+)/m.exec(head)?.[1];
  if (key && !tail.includes(`\\unrestrict ${key}`)) return 'it was cut off: \\unrestrict is missing';
  const after = tail.slice(tail.lastIndexOf(COMPLETE) + COMPLETE.length);
  if (after.replace(/^(--.*|\\unrestrict \S+|\s*)$/gm, '').trim())
    return 'something was written behind its end';
  return null;
}

const part = async (path: string, from: number, length: number): Promise<string> =>
  (await readPiece(path, from, length)).toString('latin1');
