import { detach, target, type Verb } from './verb.js';

/** What is done with backups. */
export const backupVerbs: readonly Verb[] = [
  {
    name: 'backup',
    says: "back up the target's database; --list shows the backups that there are",
    args: [target],
    flags: [['--list', 'show the backups, the newest first, and take none'], detach],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.backupCommand(name, options, io)
      )(await import('./backup.js')),
  },
  {
    name: 'restore',
    says: 'put the database back from a backup, once people have approved what that loses',
    args: [target],
    flags: [
      ['--backup <id>', 'which: its id, or latest; without it the backups are listed'],
      ['--until-closed', 'give up, too, what is written until the site is closed'],
      detach,
    ],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.restoreCommand(name, options, io)
      )(await import('./restore.js')),
  },
];
