import { Problem } from '../problem.js';

/** Nothing was ever backed up, or it lies elsewhere. */
export const noBackups = (target: string, folder: string) =>
  new Problem('no-backups', {
    what: `there is no backup of ${target} in ${folder}`,
    next: [`take one: lockkeeper backup ${target}`, 'or set backup.folder to where they lie'],
    retry: false,
  });

/** No backup has that id, or more than one begins like it. */
export const noSuchBackup = (target: string, wanted: string, found: readonly string[]) =>
  new Problem('no-such-backup', {
    what: found.length
      ? `${wanted} is the beginning of ${found.length} backups of ${target}`
      : `${target} has no backup ${wanted}`,
    ...(found.length ? { why: found.slice(0, 5).join(', ') } : {}),
    next: [`see which there are: lockkeeper restore ${target}`, 'name one of them, or latest'],
    retry: false,
  });

/** A dump of a newer server holds what an older one does not understand. */
export const backupOfNewerServer = (path: string, dumped: string, server: string) =>
  new Problem('backup-of-newer-server', {
    what: `${path} was taken on PostgreSQL ${dumped}, and the server is ${server}`,
    next: ['restore it on a server of that version or newer'],
    retry: false,
  });

/** People approve a loss to the row; on a site that is open it grows while they think. */
export const writtenMeanwhile = (target: string, moved: readonly string[], approved?: string) =>
  new Problem('written-meanwhile', {
    what: approved
      ? `${target} was written to since people were asked: it would lose more than ${approved}, which they approved`
      : `${target} was written to since the restore has looked: it would lose more than people are asked about`,
    why: moved.join('; '),
    next: [
      `close the site first, and leave it closed: lockkeeper maintenance on ${target}`,
      `then start again: lockkeeper restore ${target} --backup …`,
      'or add --until-closed: then all that is written until the site is closed is given up as well',
    ],
    retry: false,
  });

/** The database that was looked at is not the one that is there now. */
export const databaseReplaced = (database: string, keptAs: string) =>
  new Problem('database-replaced', {
    what: `the database ${database} is not the one that the plan of this restore is about`,
    why: `there is no ${keptAs} that this run has put aside, and somebody has replaced ${database} meanwhile`,
    next: ['see which databases there are: \\l+ in psql', 'start again'],
    retry: false,
  });

/** No restore has put a database aside, or it was dropped since. */
export const nothingToUndo = (target: string) =>
  new Problem('nothing-to-undo', {
    what: `no database of ${target} was put aside by a restore: there is nothing to swap back`,
    next: [
      `see which databases there are: lockkeeper restore ${target}`,
      'the backup that was taken right before a restore holds the same: restore that',
    ],
    retry: false,
  });

/** It is no whole dump in plain SQL. */
export const fileUnfit = (path: string, why: string) =>
  new Problem('file-unfit', {
    what: `${path} is not a whole dump in plain SQL; nothing was made`,
    why,
    next: [
      'write it anew: pg_dump --format=plain --file=PATH',
      'or restore a backup: lockkeeper restore --backup <id>',
    ],
    retry: false,
  });

/** A name is wrong, or the table is younger than the backup. */
export const tableNotInBackup = (names: readonly string[]) =>
  new Problem('table-not-in-backup', {
    what: `the backup has no rows of ${names.join(', ')}`,
    next: ['write each as schema.table, in quotes where it needs them', 'or take an older or newer backup'],
    retry: false,
  });

/** What would stop it later is found before anything is made, all of it at once. */
export const restoreObstructed = (target: string, faults: readonly string[]) =>
  new Problem('restore-obstructed', {
    what: `${target} cannot be restored as things are; nothing was made`,
    why: faults.join('; '),
    next: ['mend each of these, then start again'],
    retry: false,
  });

/** Rows can be put into a table that is there. */
export const tableNotLive = (target: string, names: readonly string[]) =>
  new Problem('table-not-live', {
    what: `${target} has no table ${names.join(', ')} any more, so that no rows can be put into it; nothing was changed`,
    next: [
      `see it in a database beside: lockkeeper restore ${target} --beside --no-swap`,
      'make the table first, or restore all of it',
    ],
    retry: false,
  });

/** Only what Lockkeeper has put beside is dropped, and only that of this target. */
export const notOurs = (target: string, name: string) =>
  new Problem('not-ours', {
    what: `${name} is no database that a restore of ${target} has left: it was not dropped`,
    next: [
      `see which there are: lockkeeper restore ${target}`,
      'another one is yours to drop: DROP DATABASE',
    ],
    retry: false,
  });

/** What would stop a restore on another server, all of it at once. */
export const elsewhereUnfit = (place: string, faults: readonly string[]) =>
  new Problem('elsewhere-unfit', {
    what: `the backup cannot be restored into ${place}; nothing was written`,
    why: faults.join('; '),
    next: ['mend each of these, then start again'],
    retry: false,
  });

/** A URL has a password in it, and arguments are seen by every user of the machine. */
export const badTarget = (why: string) =>
  new Problem('bad-restore-target', {
    what: '--to does not say where to restore',
    why,
    next: [
      "write --to '${NAME}' and put the URL into the environment",
      'or --to file:PATH, its first line the URL',
    ],
    retry: false,
  });
