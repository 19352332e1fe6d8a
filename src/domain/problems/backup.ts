import { Problem } from '../problem.js';
import { bytes, count } from '../units.js';

const MOST_NAMES = 10;
/** Some names, and how many more there are. */
export const listed = (names: readonly string[]): string => {
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
};

/** All that stands in the way of a backup at once, so that nobody mends one fault to meet the next. */
export function allObstacles(obstacles: readonly Problem[]): Problem {
  const [only] = obstacles;
  if (only && obstacles.length === 1) return only;
  return new Problem('backup-not-possible', {
    what: `the backup cannot be taken, for ${obstacles.length} reasons`,
    why: obstacles.map((each) => each.message).join('; '),
    next: obstacles.flatMap((each) => each.told.next),
    retry: obstacles.every((each) => each.told.retry),
  });
}

/** pg_dump refuses a server that is newer than itself. */
export const clientTooOld = (tool: string, version: string, serverVersion: string) =>
  new Problem('pg-dump-too-old', {
    what: `${tool} is of version ${version}, and the server of version ${serverVersion}`,
    next: [
      `install the client tools of PostgreSQL ${Number.parseInt(serverVersion, 10)}`,
      'name their folder in lockkeeper.yaml: backup.tools',
    ],
    retry: false,
  });

/** What a newer pg_dump writes needs a newer server: from 17 on it sets what older ones do not know. */
export const clientTooNew = (tool: string, version: string, serverVersion: string) =>
  new Problem('pg-dump-too-new', {
    what: `${tool} is of version ${version}, and the server of version ${serverVersion}: the backup could not be restored there`,
    next: [
      `install the client tools of PostgreSQL ${Number.parseInt(serverVersion, 10)}`,
      'name their folder in lockkeeper.yaml: backup.tools',
    ],
    retry: false,
  });

/** pg_restore of an older version cannot read what pg_dump writes. */
export const toolsDiffer = (dumpVersion: string, restoreVersion: string) =>
  new Problem('pg-tools-differ', {
    what: `pg_dump is of version ${dumpVersion}, and pg_restore of version ${restoreVersion}`,
    next: ['take both from one installation: name its folder in lockkeeper.yaml (backup.tools)'],
    retry: false,
  });

export const folderNotWritable = (folder: string, why: string) =>
  new Problem('backup-folder-not-writable', {
    what: `the folder for backups ${folder} cannot be written`,
    why,
    next: [`give the user of the worker the folder: chown and chmod 700 ${folder}`],
    retry: false,
  });

/** The disk that takes the backups will not hold this one. Sizes in bytes. */
export const noSpaceForBackup = (folder: string, needed: number, free: number) =>
  new Problem('no-space-for-backup', {
    what: `the backup needs about ${bytes(needed)}, and ${folder} has ${bytes(free)} free`,
    next: [
      `free ${bytes(needed - free)} in ${folder}, or set backup.folder to one on a larger disk`,
      'start again',
    ],
    retry: false,
  });

/** The disk became full while the backup was written. What was written is removed again. */
export const diskFullInBackup = (folder: string, written: number, why: string) =>
  new Problem('no-space-for-backup', {
    what: written
      ? `${folder} became full after ${bytes(written)} of the backup; they were removed again`
      : `${folder} is full: nothing of the backup could be written`,
    why,
    next: [
      `free ${written ? `more than ${bytes(written)}` : 'space'} in ${folder}, or set backup.folder to one on a larger disk`,
      'start again',
    ],
    retry: false,
  });

export const mayNotRead = (role: string, objects: readonly string[]) =>
  new Problem('backup-may-not-read', {
    what: `the role ${role} may not read ${listed(objects)}`,
    next: [`as a superuser: GRANT pg_read_all_data TO "${role}"`],
    retry: false,
  });

/** A dump would fail, or hold only the rows that the policies show. */
export const rowsHidden = (role: string, tables: readonly string[]) =>
  new Problem('backup-rows-hidden', {
    what: `row level security hides rows of ${listed(tables)} from the role ${role}`,
    next: [`as a superuser: ALTER ROLE "${role}" BYPASSRLS`],
    retry: false,
  });

/** No role but the owner and superusers may read them: pg_read_all_data does not cover large objects. */
export const mayNotReadLargeObjects = (role: string, objects: number) =>
  new Problem('backup-may-not-read-large-objects', {
    what: `the role ${role} may not read ${count(objects, 'large object')}`,
    next: [
      `take the backup as their owner or as a superuser, or ALTER ROLE "${role}" SET lo_compat_privileges = on`,
    ],
    retry: false,
  });

/** pg_dump or pg_restore ended before its work was done. */
export const backupInterrupted = (why: string) =>
  new Problem('backup-interrupted', {
    what: 'the backup was interrupted; what was written is removed',
    why,
    next: ['see the logs of the server and of this machine', 'start again: it takes a new backup'],
    retry: true,
  });

/** The backup was written, but cannot be read back to its end. */
export const unreadableBackup = (path: string, why: string) =>
  new Problem('unreadable-backup', {
    what: `the backup ${path} cannot be read back, and was removed`,
    why,
    next: ['check the disk that holds it', 'start again: it takes a new backup'],
    retry: true,
  });

/** There is a backup of another database under this name. */
export const backupNameTaken = (path: string, database: string) =>
  new Problem('backup-name-taken', {
    what: `${path} is a backup of another database, ${database}`,
    next: ['choose another folder for backups: one for each target'],
    retry: false,
  });
