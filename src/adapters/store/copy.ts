import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Backup, BackupManifest } from '../../domain/backup.js';
import type { BackupCopy, CopiedFile, CopyRecord } from '../../domain/copies.js';
import { copiedWhatIsDamaged, storeKeyTaken } from '../../domain/problems/store.js';
import { bytes } from '../../domain/units.js';
import { type FileOfBackup, filesOfBackup, nameOf } from '../backup/backup-files.js';
import { sha256Of } from '../backup/hashes.js';
import { damageOfCopy, filesKey, readRecord, recordKey } from './copy-record.js';
import type { Escrow } from './escrow.js';
import { assertStored, putFile } from './put-file.js';
import { oneChunk, type Store } from './store.js';

export interface CopyOptions {
  target: string;
  /** Public keys of age; none: the copy is not encrypted. */
  recipients: readonly string[];
  /** Decrypts the copy whole once it is there. */
  escrow?: Escrow;
  readBack: 'all' | 'ends';
  signal: AbortSignal;
  onProgress: (text: string) => void;
}

/**
 * Copies a backup into a store: its files, its manifest, and a record of them last, without which what lies there is
 * no copy. Everything is read back. Safe to repeat, and to be killed anywhere: a copy that is there is checked, what
 * else was left is removed. Never written over is a copy of another backup. The backup itself is only read.
 *
 * @throws Problem `backup-damaged`, `store-key-taken`, `store-lies`, `escrow-differs`; those of the store
 */
export async function copyBackup(
  store: Store,
  backup: Backup,
  manifest: BackupManifest,
  options: CopyOptions,
): Promise<BackupCopy> {
  const { target, signal } = options;
  const name = nameOf(backup.manifest);
  const earlier = await readRecord(store, recordKey(target, name), signal);
  if (earlier) {
    const found = await sameCopy(store, recordKey(target, name), { earlier, manifest }, options);
    if (found) return known(store, name, found);
  }
  await removeRemains(store, filesKey(target, name), signal);
  const files = await putAll(store, name, await allFiles(backup, manifest, signal), options);
  const record = recordOf(manifest, files, options);
  const text = Buffer.from(`${JSON.stringify(record, null, 2)}\n`);
  const key = recordKey(target, name);
  const sent = await store.put(key, oneChunk(text), text.length, { signal, onBytes: () => undefined });
  await assertStored(store, key, sent, signal);
  return known(store, name, record);
}

const known = (store: Store, name: string, record: CopyRecord): BackupCopy => ({
  ...record,
  store: store.name,
  where: store.where,
  key: recordKey(record.target, name),
  checkedAt: new Date().toISOString(),
});

/** The manifest is the last one. */
async function allFiles(
  backup: Backup,
  manifest: BackupManifest,
  signal: AbortSignal,
): Promise<FileOfBackup[]> {
  const { size } = await stat(backup.manifest).catch((error: Error) => {
    throw copiedWhatIsDamaged(backup.manifest, error.message);
  });
  const sha256 = await sha256Of(backup.manifest, signal);
  const itself = { path: basename(backup.manifest), full: backup.manifest, bytes: size, sha256 };
  return [...filesOfBackup(manifest, dirname(backup.manifest)), itself];
}

async function putAll(
  store: Store,
  name: string,
  files: readonly FileOfBackup[],
  { target, signal, onProgress, ...options }: CopyOptions,
): Promise<CopiedFile[]> {
  // No two attempts write the same key: what one that was taken for dead still writes does no harm.
  const under = `${filesKey(target, name)}${randomBytes(4).toString('hex')}/`;
  const whole = files.reduce((sum, file) => sum + file.bytes, 0);
  const tell = (what: string, done: number) =>
    onProgress(`${store.name}: ${what} ${bytes(done)} of ${bytes(whole)}`);
  const done: CopiedFile[] = [];
  let before = 0;
  for (const file of files) {
    const key = `${under}${file.path}${options.recipients.length ? '.age' : ''}`;
    const watch = {
      onSent: (sent: number) => tell('copied', before + sent),
      onReadBack: (read: number) => tell('read back', before + read),
    };
    done.push(await putFile(store, key, file, { ...options, signal, ...watch }));
    before += file.bytes;
  }
  return done;
}

const recordOf = (
  manifest: BackupManifest,
  files: readonly CopiedFile[],
  { target, recipients, escrow }: CopyOptions,
): CopyRecord => {
  const copiedAt = new Date().toISOString();
  const { name, oid, systemId } = manifest.database;
  return {
    formatVersion: 1,
    backup: manifest.id,
    target,
    startedAt: manifest.startedAt,
    database: { name, oid, systemId },
    copiedAt,
    encryption: recipients.length ? { format: 'age', recipients, escrowAt: escrow ? copiedAt : null } : null,
    files,
  };
};

/**
 * An earlier attempt, whose answer was lost, may have made it.
 *
 * @returns undefined when it is not whole; then it is no copy any more
 * @throws Problem `store-key-taken` when it is one of another backup
 */
async function sameCopy(
  store: Store,
  key: string,
  { earlier: record, manifest }: { earlier: CopyRecord; manifest: BackupManifest },
  { signal, recipients, onProgress }: CopyOptions,
): Promise<CopyRecord | undefined> {
  const { oid, systemId } = manifest.database;
  const isSame =
    record.backup === manifest.id &&
    record.startedAt === manifest.startedAt &&
    record.database.oid === oid &&
    record.database.systemId === systemId;
  if (!isSame) throw storeKeyTaken(store.where, key);
  const isEncryptedSo = String(record.encryption?.recipients ?? []) === String(recipients);
  onProgress(`${store.name}: checking the copy that is there`);
  if (isEncryptedSo && !(await damageOfCopy(store, record, signal))) return record;
  await store.remove(key, signal);
  return undefined;
}

/** What lies there without a record is what attempts that were cut off have left. */
async function removeRemains(store: Store, prefix: string, signal: AbortSignal): Promise<void> {
  await store.sweep(prefix, signal);
  for await (const { key } of store.list(prefix, signal)) await store.remove(key, signal);
}
