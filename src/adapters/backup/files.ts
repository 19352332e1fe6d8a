import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backup, BackupManifest } from '../../domain/backup.js';

/** Where one backup lies. It counts once the manifest is there: that is written last. */
export interface BackupFiles {
  folder: string;
  id: string;
  archive: string;
  manifest: string;
  /** What this attempt writes; no other attempt touches them but to remove them. */
  part: string;
  manifestPart: string;
}

export function filesOf(folder: string, name: string, attempt: number | string): BackupFiles {
  const base = join(folder, plain(name));
  const ending = `${plain(String(attempt))}.part`;
  return {
    folder,
    id: name,
    archive: `${base}.dump`,
    manifest: `${base}.json`,
    part: `${base}.dump.${ending}`,
    manifestPart: `${base}.json.${ending}`,
  };
}

/** Names come from workflow ids: a colon or slash in a file's name would puzzle other tools. */
const plain = (text: string): string => text.replace(/[^\w.@-]+/g, '-');

/** Private: a backup holds all that the database holds. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/**
 * @returns the finished backup of that name, its archive hashed again just now; undefined when there is none.
 *   An archive that is not what its manifest says is put aside.
 */
export async function finishedBackup(
  files: BackupFiles,
  signal: AbortSignal,
): Promise<{ backup: Backup; manifest: BackupManifest } | undefined> {
  const manifest = await readManifest(files.manifest);
  if (!manifest) return undefined;
  const found = await stat(files.archive).catch(() => undefined);
  if (!found) return undefined;
  if (found.size === manifest.bytes && (await sha256Of(files.archive, signal)) === manifest.sha256)
    return { backup: backupOf(files, manifest), manifest };
  await rename(files.archive, `${files.archive}.damaged`);
  return undefined;
}

export const backupOf = (files: BackupFiles, manifest: BackupManifest): Backup => ({
  id: manifest.id,
  path: files.archive,
  manifest: files.manifest,
  bytes: manifest.bytes,
  sha256: manifest.sha256,
  startedAt: manifest.startedAt,
  finishedAt: manifest.finishedAt,
  level: manifest.level,
});

/** @returns undefined when there is none, or it is no manifest of ours */
export async function readManifest(path: string): Promise<BackupManifest | undefined> {
  try {
    const read = JSON.parse(await readFile(path, 'utf8')) as BackupManifest;
    return read.formatVersion === 1 ? read : undefined;
  } catch {
    return undefined;
  }
}

/** All manifests in the folder, in no order. */
export async function manifestsIn(folder: string): Promise<BackupManifest[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const read = await Promise.all(names.map((name) => readManifest(join(folder, name))));
  return read.filter((manifest) => manifest !== undefined);
}

/** Removes what earlier attempts of this backup left behind: nothing of it counts. */
export async function removeRemains({ folder, archive, manifest }: BackupFiles): Promise<void> {
  const ours = [archive, manifest].map((path) => path.slice(folder.length + 1));
  for (const name of await readdir(folder)) {
    const remains =
      ours.includes(name) || (name.endsWith('.part') && ours.some((of) => name.startsWith(`${of}.`)));
    if (remains) await rm(join(folder, name), { force: true });
  }
}

/** Removes what an attempt that was cut off has left of this backup, when nobody is going to try again. */
export async function removeParts(folder: string, name: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const parts = names.filter((each) => each.startsWith(`${plain(name)}.`) && each.endsWith('.part'));
  for (const part of parts) await rm(join(folder, part), { force: true });
}

/** @returns SHA-256 of a file, hexadecimal */
export async function sha256Of(
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { signal, highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
    onBytes((bytes += (chunk as Buffer).length));
  }
  return hash.digest('hex');
}
