import { Problem } from '../problem.js';
import { bytes, count, duration } from '../units.js';

const MOST_NAMES = 10;
const listed = (names: readonly string[]): string => {
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

/** Another session keeps a lock that even reading must wait for. We gave way. */
export const backupBlocked = (waitedMs: number, blockers: readonly string[]) =>
  new Problem('backup-blocked', {
    what: `the backup could not lock all tables within ${duration(waitedMs)}, and gave way`,
    ...(blockers.length ? { why: `in the way: ${blockers.join('; ')}` } : {}),
    next: [
      'wait until that is done, then start again',
      'or end it, if nobody needs it: SELECT pg_terminate_backend(<pid>)',
    ],
    retry: true,
  });

/** Tables came and went as fast as we looked. */
export const tablesKeepChanging = (tries: number) =>
  new Problem('tables-keep-changing', {
    what: `tables were made or dropped each of ${tries} times that the backup began`,
    next: ['see who does that: SELECT * FROM pg_stat_activity', 'start again when it is done'],
    retry: true,
  });

export const tooManyLocks = (tables: number, why: string) =>
  new Problem('too-many-locks', {
    what: `the server has no room for locks on ${count(tables, 'table')}`,
    why,
    next: ['raise max_locks_per_transaction and restart the server'],
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

/** Sessions of an earlier attempt do not end: two dumps must not run at once. */
export const leftOversStay = (pids: readonly number[]) =>
  new Problem('backup-left-overs', {
    what: `${count(pids.length, 'session')} of an earlier attempt at this backup would not end`,
    why: `pids ${pids.join(', ')}`,
    next: [
      `as their role or a superuser: ${pids.map((pid) => `SELECT pg_terminate_backend(${pid})`).join('; ')}`,
    ],
    retry: true,
  });

/** There is a backup of another database under this name. */
export const backupNameTaken = (path: string, database: string) =>
  new Problem('backup-name-taken', {
    what: `${path} is a backup of another database, ${database}`,
    next: ['choose another folder for backups: one for each target'],
    retry: false,
  });
