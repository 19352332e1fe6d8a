import type { BackupCopy, CopyRecord } from '../../domain/copies.js';
import { Problem } from '../../domain/problem.js';
import { assertStored } from './put-file.js';
import { type Store, textOf } from './store.js';

/** Keys in a store: those of a backup begin with its own. */
export const recordKey = (target: string, name: string): string => `${target}/${name}.copy.json`;
export const filesKey = (target: string, name: string): string => `${target}/${name}/`;

/** @returns undefined when there is none, or what lies there is no record of ours */
export async function readRecord(
  store: Store,
  key: string,
  signal: AbortSignal,
): Promise<CopyRecord | undefined> {
  if (!(await store.head(key, signal))) return undefined;
  try {
    const read = JSON.parse(await textOf(await store.read(key, signal))) as CopyRecord;
    return read.formatVersion === 1 && Array.isArray(read.files) ? read : undefined;
  } catch (error) {
    if (error instanceof Problem || signal.aborted) throw error;
    return undefined;
  }
}

/**
 * Reads a whole copy back (level 1).
 *
 * @returns what is not as its record says, in words; undefined: nothing
 * @throws those of the store, when it does not answer
 */
export async function damageOfCopy(
  store: Store,
  { files }: Pick<CopyRecord, 'files'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const { key, storedBytes, storedSha256 } of files)
    try {
      await assertStored(store, key, { bytes: storedBytes, sha256: storedSha256 }, signal);
    } catch (error) {
      if (error instanceof Problem && error.code === 'store-lies') return error.message;
      throw error;
    }
  return undefined;
}

/**
 * Removes a copy: its record first, so that a crash leaves nothing that looks like one.
 *
 * @throws those of the store
 */
export async function removeCopy(store: Store, copy: BackupCopy, signal: AbortSignal): Promise<void> {
  await store.remove(copy.key, signal);
  for (const { key } of copy.files) await store.remove(key, signal);
}
