import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Backup, BackupManifest } from '../../domain/backup.js';
import { backupMissing } from '../../domain/problems/restore.js';
import { damageOf, hashOfFiles } from './hashes.js';

/** Where one backup lies. It counts once the manifest is there: that is written last. */
export interface BackupFiles {
  folder: string;
  id: string;
  /** A folder; of older versions, a file. */
  archive: string;
  globals: string;
  manifest: string;
  /** Describes the schema: see schema-file.ts. */
  schema: string;
  /** What this attempt writes; no other attempt touches them but to remove them. */
  part: string;
  globalsPart: string;
  manifestPart: string;
  schemaPart: string;
}

export function filesOf(folder: string, name: string, attempt: number | string): BackupFiles {
  const base = join(folder, plain(name));
  const ending = `${plain(String(attempt))}.part`;
  const named = {
    ...{ archive: `${base}.dump`, globals: `${base}.globals.sql` },
    ...{ manifest: `${base}.json`, schema: `${base}.schema` },
  };
  return {
    ...{ folder, id: name, ...named },
    part: `${named.archive}.${ending}`,
    globalsPart: `${named.globals}.${ending}`,
    manifestPart: `${named.manifest}.${ending}`,
    schemaPart: `${named.schema}.${ending}`,
  };
}

/** Names come from workflow ids: a colon or slash in a file's name would puzzle other tools. */
const plain = (text: string): string => text.replace(/[^\w.@-]+/g, '-');

/** Private: a backup holds all that the database holds. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/**
 * @returns the finished backup of that name, its files hashed again just now; undefined when there is none.
 *   An archive that is not what its manifest says is put aside.
 */
export async function finishedBackup(
  files: BackupFiles,
  signal: AbortSignal,
): Promise<{ backup: Backup; manifest: BackupManifest } | undefined> {
  const manifest = await readManifest(files.manifest);
  if (!manifest) return undefined;
  if (!(await stat(files.archive).catch(() => undefined))) return undefined;
  if (!(await damageOf(files.folder, manifest, signal)))
    return { backup: backupOf(files.manifest, manifest), manifest };
  await rename(files.archive, await unusedName(`${files.archive}.damaged`));
  return undefined;
}

/** A folder that is there already cannot be replaced by another one. */
export async function unusedName(path: string): Promise<string> {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? path : `${path}-${n}`;
    if (!(await stat(name).catch(() => undefined))) return name;
  }
}

/** @param path - of its manifest */
export const backupOf = (path: string, manifest: BackupManifest): Backup => ({
  id: manifest.id,
  path: join(dirname(path), manifest.file),
  manifest: path,
  bytes: manifest.bytes,
  sha256: manifest.sha256,
  startedAt: manifest.startedAt,
  finishedAt: manifest.finishedAt,
  level: manifest.level,
  ...(manifest.alarms?.length ? { alarms: manifest.alarms } : {}),
});

type Written = Omit<BackupManifest, 'files'> & Partial<Pick<BackupManifest, 'files'>>;

/** @returns undefined when there is none, or it is no manifest of ours */
export async function readManifest(path: string): Promise<BackupManifest | undefined> {
  try {
    return manifestFrom(JSON.parse(await readFile(path, 'utf8')) as Written);
  } catch {
    return undefined;
  }
}

/** Other JSON lies beside manifests: one of them has contents, and hashes that agree with each other. */
function manifestFrom(read: Written): BackupManifest | undefined {
  const { formatVersion, file, bytes, sha256, files = [{ path: file, bytes, sha256 }] } = read;
  if (typeof file !== 'string' || basename(file) !== file || !read.contents) return undefined;
  if (formatVersion === 1) return { ...read, files };
  return formatVersion === 2 && hashOfFiles(files) === sha256 ? { ...read, files } : undefined;
}

/** @throws Problem `backup-missing` */
export async function manifestOfBackup({
  path,
  manifest,
}: Pick<Backup, 'path' | 'manifest'>): Promise<BackupManifest> {
  const read = await readManifest(manifest);
  if (read) return read;
  throw backupMissing(path, `its manifest ${manifest} cannot be read`);
}

/** All manifests in the folder, in no order. */
export async function manifestsIn(folder: string): Promise<BackupManifest[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const read = await Promise.all(names.map((name) => readManifest(join(folder, name))));
  return read.filter((manifest) => manifest !== undefined);
}

/** Removes what earlier attempts of this backup left behind: nothing of it counts. */
export async function removeRemains(files: BackupFiles): Promise<void> {
  const { folder, archive, globals, manifest, schema } = files;
  const ours = [archive, globals, manifest, schema].map((path) => basename(path));
  for (const name of await readdir(folder)) {
    const remains =
      ours.includes(name) || (name.endsWith('.part') && ours.some((of) => name.startsWith(`${of}.`)));
    if (remains) await remove(join(folder, name));
  }
}

/** Removes what an attempt that was cut off has left of this backup, when nobody is going to try again. */
export async function removeParts(folder: string, name: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const parts = names.filter((each) => each.startsWith(`${plain(name)}.`) && each.endsWith('.part'));
  for (const part of parts) await remove(join(folder, part));
}

/** Removes a file, or a folder with all that is in it; none is fine, too. */
export const remove = (path: string): Promise<void> =>
  rm(path, { recursive: true, force: true, maxRetries: 3 });
