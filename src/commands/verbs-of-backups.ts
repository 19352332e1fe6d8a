import { proofLevels } from '../domain/backup.js';
import { detach, target, type Verb } from './verb.js';

const which: [string, string] = ['--backup <id>', 'which: its id, its beginning, or latest (the default)'];
const level: [string, string, readonly string[]] = [
  '--level <level>',
  'L1: hash its files; L2: read it to the end; L3: restore and compare it; L4: the verification queries, too',
  proofLevels,
];

const proofVerb = (name: 'prove' | 'drill', says: string): Verb => ({
  name,
  says,
  args: [target],
  flags: [which, level, detach],
  load: async () =>
    (
      (m) =>
      ([of], options, io) =>
        m.proveCommand(name, of, options, io)
    )(await import('./prove.js')),
});

/** What is done with backups. */
export const backupVerbs: readonly Verb[] = [
  {
    name: 'backup',
    says: "back up the target's database; --list shows the backups that there are",
    args: [target],
    flags: [['--list', 'show the backups, the newest first, and take none'], detach],
    verbs: [proofVerb('prove', 'try a backup, up to L3 unless --level says otherwise; the copy is dropped')],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.backupCommand(name, options, io)
      )(await import('./backup.js')),
  },
  proofVerb(
    'drill',
    'practise the emergency: restore the newest backup beside, prove it up to L4, measure how long that took',
  ),
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
