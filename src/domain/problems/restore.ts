import { Problem } from '../problem.js';

const MOST_NAMES = 12;
const listed = (names: readonly string[]): string => {
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join('; ') + (more > 0 ? `; and ${more} more` : '');
};
const sql = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The archive or its manifest is not where the backup says. */
export const backupMissing = (path: string, why: string) =>
  new Problem('backup-missing', {
    what: `the backup ${path} cannot be read`,
    why,
    next: ['bring it back to that place, or restore an older backup', 'nothing was changed'],
    retry: false,
  });

/** The archive is not what was written. Most damage is not noticed by pg_restore itself. */
export const backupDamaged = (path: string, why: string) =>
  new Problem('backup-damaged', {
    what: `the backup ${path} is not what was written; it was not used`,
    why,
    next: [
      'check the disk that holds it, and bring back a good copy of the file if there is one',
      'take a new backup, or restore an older one',
    ],
    retry: false,
  });

/** The backup was taken of another database than the one that is to be restored. */
export const backupOfAnother = (path: string, taken: string, wanted: string) =>
  new Problem('backup-of-another-database', {
    what: `${path} is a backup of ${taken}, and not of ${wanted}`,
    next: [
      'name the backup that belongs to this database',
      'if the database was replaced meanwhile, by a restore or by hand, take a new backup first',
    ],
    retry: false,
  });

/** pg_restore sends settings that only its own version of the server knows, and cannot read newer archives. */
export const restoreToolUnfit = (tool: string, version: string, wanted: number, why: string) =>
  new Problem('pg-restore-unfit', {
    what: `${tool} is of version ${version}, and cannot restore this backup here`,
    why,
    next: [
      `install the client tools of PostgreSQL ${wanted}`,
      'name their folder in lockkeeper.yaml: backup.tools',
    ],
    retry: false,
  });

/** A copy is made beside the database, and later renamed: both need rights that a backup does not. */
export const mayNotCreateDatabase = (role: string, missing: readonly string[]) =>
  new Problem('may-not-create-database', {
    what: `the role ${role} may not make a copy of the database`,
    next: missing.map((statement) => `as a superuser: ${statement}`),
    retry: false,
  });

/** Privileges, settings of roles and the like: what the owner of a database may not always give to a copy. */
export const mayNotCopyProperties = (database: string, why: string) =>
  new Problem('may-not-copy-properties', {
    what: `what hangs on the database ${database} itself cannot be given to its copy`,
    why,
    next: [
      'see its privileges and settings: \\l and \\drds in psql',
      'let a role that may set them restore, such as a superuser or one with CREATEROLE',
    ],
    retry: false,
  });

/** pg_restore gave up. The copy is dropped again. */
export const restoreFailed = (copy: string, why: string) =>
  new Problem('restore-failed', {
    what: `the backup cannot be restored; the copy ${copy} was dropped, the database is untouched`,
    why,
    next: [
      'mend what its words name: a backup that cannot be restored is none',
      'then take a new backup and try again',
    ],
    retry: false,
  });

/** pg_restore or its session was ended from outside. */
export const restoreInterrupted = (copy: string, why: string) =>
  new Problem('restore-interrupted', {
    what: `the restore into ${copy} was interrupted; the database is untouched`,
    why,
    next: ['see the logs of the server and of this machine', 'try again: it begins anew'],
    retry: true,
  });

/** What was restored is not what the backup's manifest says. */
export const notAsBackup = (copy: string, differences: readonly string[]) =>
  new Problem('not-as-backup', {
    what: `the restored copy is not what was backed up; the copy ${copy} was dropped, the database is untouched`,
    why: listed(differences),
    next: ['do not rely on this backup', 'take a new one, and prove it'],
    retry: false,
  });

/** Something would have been done to a database that is not the copy of this run. */
export const notACopy = (database: string, why: string) =>
  new Problem('not-a-copy', {
    what: `the database ${database} is not the copy that this run made; nothing was done to it`,
    why,
    next: ['see what it is: \\l+ in psql', 'try again: a new copy gets a new name'],
    retry: false,
  });

/** What hangs on the database itself would be lost, or stop the rename. */
export const swapObstructed = (database: string, obstacles: readonly string[]) =>
  new Problem('swap-obstructed', {
    what: `the database ${database} cannot be replaced; nothing was changed`,
    why: listed(obstacles),
    next: ['end or remove these by hand, then try again'],
    retry: false,
  });

/** Sessions were told to end, and did not. The database accepts connections again. */
export const sessionsStay = (database: string, pids: readonly number[]) =>
  new Problem('sessions-stay', {
    what: `sessions on the database ${database} do not end, so that it cannot be replaced or copied`,
    why: pids.length
      ? `pids ${pids.join(', ')}`
      : 'new ones come as fast as they are ended: something still runs that connects at once',
    next: [
      pids.length
        ? `as a superuser: ${pids.map((pid) => `SELECT pg_terminate_backend(${pid})`).join('; ')}`
        : 'stop what connects; closure.stop in lockkeeper.yaml is for it',
      'then try again',
    ],
    retry: true,
  });

/** Somebody who is connected to another database holds a lock on it, so that it cannot be renamed. */
export const databaseLocked = (database: string, holders: readonly string[]) =>
  new Problem('database-locked', {
    what: `the database ${database} is locked, so that it cannot be replaced or copied`,
    why: listed(holders) || 'by a session that has ended since',
    next: ['let them finish, or end them: SELECT pg_terminate_backend(PID)', 'then try again'],
    retry: true,
  });

/** A name that is needed is in use by a database that is not ours. */
export const databaseNameTaken = (database: string) =>
  new Problem('database-name-taken', {
    what: `there is a database ${database} already, and this run has not made it`,
    next: [`rename or drop it by hand: ALTER DATABASE ${sql(database)} RENAME TO …`, 'then try again'],
    retry: false,
  });

/** A database that is needed is not there. */
export const databaseGone = (database: string) =>
  new Problem('database-gone', {
    what: `there is no database ${database} on the server`,
    next: [
      'see which there are: \\l+ in psql; those that Lockkeeper has made say so',
      'bring it back by hand',
    ],
    retry: false,
  });
