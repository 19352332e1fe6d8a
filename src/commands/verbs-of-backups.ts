import { proofLevels } from '../domain/backup.js';
import { detach, target, type Verb } from './verb.js';

const which: [string, string] = ['--backup <id>', 'which: its id, its beginning, or latest'];
const whichOrLatest: [string, string] = [which[0], `${which[1]}; default: latest`];

const level: [string, string, readonly string[]] = [
  '--level <level>',
  'L1: hash its files; L2: read it to the end; L3: restore and compare it; L4: the verification queries, too',
  proofLevels,
];

const proofVerb = (name: 'prove' | 'drill', says: string): Verb => ({
  name,
  says,
  args: [target],
  flags: [whichOrLatest, level, detach],
  load: async () =>
    (
      (m) =>
      ([of], options, io) =>
        m.proveCommand(name, of, options, io)
    )(await import('./prove.js')),
});

/** What is done with backups that are there. They need no Temporal. */
const kept: readonly Verb[] = [
  {
    name: 'list',
    says: 'the backups that there are, the newest first, with their proofs, copies and pins',
    args: [target],
    flags: [['--copies', 'ask the stores instead: what is there, whatever is known of it here']],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.listBackups(name, options, io)
      )(await import('./backup-list.js')),
  },
  {
    name: 'show',
    says: 'all that is known of one backup, in words',
    args: [target],
    flags: [whichOrLatest, ['--check-copies', 'read all its copies back and hash them first']],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.showBackup(name, options, io)
      )(await import('./backup-list.js')),
  },
  {
    name: 'pin',
    says: 'keep a backup, whatever backup.keep says',
    args: [target],
    flags: [which, ['--note <text>', 'why']],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.pinCommand(name, options, io)
      )(await import('./backup-pin.js')),
  },
  {
    name: 'unpin',
    says: 'let backup.keep decide again; takes away the pins of runs, too',
    args: [target],
    flags: [which],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.unpinCommand(name, options, io)
      )(await import('./backup-pin.js')),
  },
  {
    name: 'expire',
    says: 'show which backups backup.keep lets go, and why the others stay; --yes deletes them',
    args: [target],
    flags: [['--yes', 'delete them, with all their copies']],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.expireCommand(name, options, io)
      )(await import('./backup-expire.js')),
  },
  {
    name: 'export',
    says: 'write a backup to a file: plain SQL, or the archive',
    args: [target],
    flags: [
      whichOrLatest,
      ['--format <what>', 'default: sql', ['sql', 'archive']],
      ['--to <path>', 'where to; default: backup_YYYYmmdd_HHMMSS.sql here, of when it was taken, in UTC'],
    ],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.exportCommand(name, options, io)
      )(await import('./backup-export.js')),
  },
  {
    name: 'fetch',
    says: 'bring a backup here from a store, when all that was known of it here is lost',
    args: [target],
    flags: [whichOrLatest],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.fetchCommand(name, options, io)
      )(await import('./backup-export.js')),
  },
];

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
    verbs: [
      ...kept,
      proofVerb('prove', 'try a backup, up to L3 unless --level says otherwise; the copy is dropped'),
    ],
  },
  proofVerb(
    'drill',
    'practise the emergency: restore the newest backup beside, prove it up to L4, measure how long that took',
  ),
  {
    name: 'restore',
    says: 'put the database back from a backup, once people have approved what that loses',
    args: [
      ['[target]', 'a target of lockkeeper.yaml; or the word apply, with --lost, and then the target'],
      ['[of]', 'the target, behind apply'],
    ],
    flags: [
      [
        '--backup <id>',
        'which: its id, or latest; without it backups, databases beside and lost rows are listed',
      ],
      ['--until-closed', 'give up, too, what is written until the site is closed'],
      ['--undo', 'swap back the database that the last restore has replaced'],
      ['--file <path>', 'a plain SQL file of pg_dump, on the host of the worker, in place of a backup'],
      ['--beside', 'only restore it into a database beside, to look into'],
      ['--no-swap', 'the same'],
      ['--table <names...>', 'put back only these tables (schema.table), row by row'],
      ['--to <url>', 'into an empty or new database elsewhere: ${NAME} or file:PATH, which give its URL'],
      ['--drop <name>', 'drop a database that a restore has left beside'],
      ['--lost <id>', 'with apply: put rows in again that a restore has taken away'],
      ['--leave-conflicts', 'with apply: leave rows that somebody has written since, put in the others'],
      ['--yes', 'with apply: do it; without it, it only shows what it would do, or asks'],
      detach,
    ],
    load: async () =>
      (
        (m) =>
        ([first, second], options, io) =>
          m.restoreCommand(first, second, options, io)
      )(await import('./restore.js')),
  },
];
