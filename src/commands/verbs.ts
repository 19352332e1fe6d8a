import { detach, target, type Verb } from './verb.js';
import { checkVerb } from './verb-check.js';
import { backfillVerbs } from './verbs-of-backfills.js';
import { backupVerbs } from './verbs-of-backups.js';
import { keepsakeVerbs } from './verbs-of-keepsakes.js';
import { emergencyVerbs } from './verbs-of-emergencies.js';
import { scheduleVerbs } from './verbs-of-schedules.js';
import { phasesVerbs } from './verbs-of-phases.js';
import { firstVerbs, serverVerbs } from './verbs-of-servers.js';
import { watchVerb } from './verb-watch.js';

const release: [string, string] = [
  '--release <name>',
  'release to deploy, when it is not the one that is next',
];

const note: [string, string] = ['--note <text>', 'for the record'];
const plan: [string, string] = [
  '--plan <hash>',
  'the plan you mean, its first 8 characters or more: does not ask',
];

/** What is done with a target. */
const targetVerbs: readonly Verb[] = [
  checkVerb,
  {
    name: 'deploy',
    says: 'take the target to its next release; without a mode it checks and asks',
    args: [target],
    flags: [
      ['--auto-migrate', 'migrate, by the procedure that the risk calls for'],
      ['--manual-migrate', 'stop at a gate and let a person choose'],
      ['--skip-migrate', 'deploy only'],
      ['--backup', 'take a backup first, although the risk does not call for one'],
      ['--health-check', 'refuse to start when the target has no health check'],
      release,
      detach,
    ],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.deployCommand(name, options, io)
      )(await import('./deploy.js')),
  },
  {
    name: 'migrate',
    says: 'migrate only: the release that runs stays; then deploy --skip-migrate',
    args: [target],
    flags: [['--backup', 'take a backup first, although the risk does not call for one'], release, detach],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.migrateCommand(name, options, io)
      )(await import('./migrate.js')),
  },
  {
    name: 'rollback',
    says: 'put back a release that ran before, and its schema: shows what that loses, is approved by its risk',
    args: [target],
    flags: [
      ['--to <release>', 'a release that ran before; default: the one before the last deploy'],
      ['--app-only', 'the release alone, where it is known to run on the schema as it is'],
      ['--schema-only', 'the schema alone, where the release that runs is known to run on it'],
      detach,
    ],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.rollbackCommand(name, options, io)
      )(await import('./rollback.js')),
  },
  ...backupVerbs,
  ...keepsakeVerbs,
  ...backfillVerbs,
  ...scheduleVerbs,
  ...phasesVerbs,
  {
    name: 'status',
    says: 'what runs, or how the last run ended',
    args: [target],
    flags: [['--watch', 'show it as it goes, until it ends']],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.statusCommand(name, options, io)
      )(await import('./status.js')),
  },
  watchVerb,
  {
    name: 'report',
    says: 'the record of a run: of one that goes on as it stands, else from the state folder, here or where the worker is',
    args: [target],
    flags: [['--run <id>', 'of this run, its first or its last characters; default: the last one']],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.reportCommand(name, options, io)
      )(await import('./report.js')),
  },
  {
    name: 'health',
    says: 'ask the application whether it is healthy, and wait for it',
    args: [target],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.healthCommand(name, options, io)
      )(await import('./health.js')),
  },
  {
    name: 'approve',
    says: 'show the plan that waits, and approve it (in manual mode: choose); with --json only show it',
    args: [target],
    flags: [
      plan,
      ['--choice <what>', 'manual mode: what shall be done', ['migrate', 'skip', 'end']],
      ['--typed <name>', 'a team of one: the name of the target, with the second approval'],
      note,
    ],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.decideCommand('approve', name, options, io)
      )(await import('./decide.js')),
  },
  {
    name: 'reject',
    says: 'reject the plan that waits: the run ends, everything as it was',
    args: [target],
    flags: [plan, note],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.decideCommand('reject', name, options, io)
      )(await import('./decide.js')),
  },
  {
    name: 'choose',
    says: 'others keep the migration from its lock: say what is done',
    args: [['<what>', 'wait, budget, cancel, window or give-up'], target],
    flags: [
      ['--ms <n>', 'of budget: how long others may wait in all, in milliseconds'],
      ['--pid <pid...>', 'of cancel: sessions in the way, that are ended first'],
      ['--typed <name>', 'a team of one: the name of the target, with the second approval'],
      note,
    ],
    load: async () =>
      (
        (m) =>
        ([what, name], options, io) =>
          m.chooseCommand(what, name, options, io)
      )(await import('./choose.js')),
  },
  {
    name: 'cancel',
    says: 'end the run; it undoes what it did',
    args: [target],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.cancelCommand(name, options, io)
      )(await import('./messages.js')),
  },
  {
    name: 'retry',
    says: 'an undo failed: try it again',
    args: [target],
    flags: [note],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.messageCommand('retry', name, options, io)
      )(await import('./messages.js')),
  },
  {
    name: 'stop',
    says: 'an undo failed: end the run as it is',
    args: [target],
    flags: [note, ['--done-by-hand', 'you have put the rest right by hand']],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.messageCommand('stop', name, options, io)
      )(await import('./messages.js')),
  },
];

/** Every command, in the order in which a newcomer meets them. The table is also docs/cli.md. */
export const verbs: readonly Verb[] = [...firstVerbs, ...targetVerbs, ...emergencyVerbs, ...serverVerbs];
