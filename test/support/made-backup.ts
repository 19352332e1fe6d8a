import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Backup, BackupManifest } from '../../src/domain/backup.js';

export interface MakeOptions {
  id?: string;
  /** Bytes of the archive. */
  bytes?: number;
  startedAt?: string;
  database?: Partial<BackupManifest['database']>;
}

/** A backup of random bytes, with a manifest that is as one of ours. No PostgreSQL has part in it. */
export async function makeBackup(
  folder: string,
  { id = 'run-1', bytes = 100_000, startedAt = '2026-11-20T10:00:00.000Z', database = {} }: MakeOptions = {},
): Promise<{ backup: Backup; manifest: BackupManifest }> {
  const path = join(folder, `${id}.dump`);
  const content = randomBytes(bytes);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  const file = `${id}.dump`;
  const digest = { bytes, sha256: sha256(content) };
  const manifest: BackupManifest = {
    ...{ formatVersion: 1, id, file, ...digest, files: [{ path: file, ...digest }], level: 'L2' },
    ...{ startedAt, finishedAt: startedAt, pgDumpVersion: '18.6', compression: 'zstd:1' },
    database: { name: 'shop', oid: 16_384, systemId: '7', serverVersion: '18.6', ...database },
    ...{ revisions: ['a1'], snapshot: '1', tableBytes: bytes, fingerprint: 'f' },
    contents: { tables: { 'public.orders': 3 }, sequences: {}, largeObjects: 0, extensions: {} },
  };
  await writeFile(join(folder, `${id}.json`), JSON.stringify(manifest));
  return { backup: backupOf(folder, manifest), manifest };
}

export const backupOf = (folder: string, manifest: BackupManifest): Backup => ({
  id: manifest.id,
  path: join(folder, manifest.file),
  manifest: join(folder, `${manifest.id}.json`),
  ...{ bytes: manifest.bytes, sha256: manifest.sha256, level: manifest.level },
  ...{ startedAt: manifest.startedAt, finishedAt: manifest.finishedAt },
});

export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

export const sha256Of = async (path: string): Promise<string> => sha256(await readFile(path));
