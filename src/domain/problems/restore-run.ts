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
export const writtenMeanwhile = (target: string, moved: readonly string[]) =>
  new Problem('written-meanwhile', {
    what: `${target} was written to since the restore has looked: it would lose more than people are asked about`,
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
