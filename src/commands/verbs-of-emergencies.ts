import { detach, target, type Verb } from './verb.js';

/** What a person does when something has gone wrong. */
const emergency: readonly Verb[] = [
  {
    name: 'stop',
    says: 'close the site, cancel what runs, stop writers and application; whatever of them still answers',
    args: [target],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.emergencyStop(name, options, io)
      )(await import('./emergency-stop.js')),
  },
  {
    name: 'status',
    says: 'site, run, alembic_version, locks, the last lines of the migration log',
    args: [target],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.emergencyStatus(name, options, io)
      )(await import('./emergency-status.js')),
  },
  {
    name: 'fix',
    says: 'a person has repaired it by hand: look, and put back the rest, by the run or by a new one',
    args: [target],
    flags: [['--go-on', 'to what the run was to come to, in place of what was before'], detach],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.emergencyFix(name, options, io)
      )(await import('./emergency-fix.js')),
  },
  {
    name: 'data-loss',
    says: 'stop everything, restore a backup once people have approved what that loses, write a report to be completed',
    args: [target],
    flags: [
      ['--backup <id>', 'which: its id, or latest; without it the backups are listed'],
      ['--report <hours>', 'only write the report anew, of the last so many hours'],
    ],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.emergencyDataLoss(name, options, io)
      )(await import('./emergency-data-loss.js')),
  },
];

/** For the night in which half of the system is down. None of them needs Temporal. */
export const emergencyVerbs: readonly Verb[] = [
  {
    name: 'explain',
    says: 'the rest by hand: the shell commands for all that is left to do of the run, without Temporal',
    args: [target],
    flags: [['--go-on', 'what the run would have done, in place of putting all back']],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.explainCommand(name, options, io)
      )(await import('./explain.js')),
  },
  {
    name: 'emergency',
    says: 'something has gone wrong: stop everything, see how it stands, repair it',
    verbs: emergency,
  },
];
