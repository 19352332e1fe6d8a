import type { GlobalOptions, Io } from './io.js';

type Run = (args: readonly (string | undefined)[], options: GlobalOptions, io: Io) => Promise<number>;

/** One verb of the CLI: what it takes, what it says of itself, and where its code is. */
export interface Verb {
  name: string;
  says: string;
  args?: readonly [name: string, says: string][];
  flags?: readonly [flags: string, says: string, choices?: readonly string[]][];
  load: () => Promise<Run>;
}

const target: [string, string] = [
  '[target]',
  'a target of lockkeeper.yaml; not needed when there is only one',
];
const detach: [string, string] = ['--detach', 'start it and do not wait for its end'];
const release: [string, string] = [
  '--release <name>',
  'release to deploy, when it is not the one that is next',
];

/** Every command, in the order in which a newcomer meets them. The table is also docs/cli.md. */
export const verbs: readonly Verb[] = [
  {
    name: 'demo',
    says: 'everything, embedded: a sample application taken forward and back, under load',
    flags: [['--keep', 'leave all of it running, and show commands to try']],
    load: async () =>
      (
        (m) => (_, options, io) =>
          m.demoCommand(options, io)
      )(await import('./demo.js')),
  },
  {
    name: 'init',
    says: 'write lockkeeper.yaml from what is found in this folder',
    flags: [['--force', 'overwrite the one that is there']],
    load: async () =>
      (
        (m) => (_, options, io) =>
          m.initCommand(options, io)
      )(await import('./init.js')),
  },
  {
    name: 'doctor',
    says: 'try every tool and connection; change nothing',
    args: [target],
    flags: [['--fix', "register the search attributes that Temporal's namespace lacks"]],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.doctorCommand(name, options, io)
      )(await import('./doctor.js')),
  },
  {
    name: 'check',
    says: 'what would run, and how dangerous it is; needs no Temporal, changes nothing',
    args: [target],
    flags: [
      release,
      [
        '--fail-on <risk>',
        'exit with 1 when the risk is this or higher',
        ['low', 'medium', 'high', 'very-high'],
      ],
    ],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.checkCommand(name, options, io)
      )(await import('./check.js')),
  },
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
    name: 'rollback',
    says: 'put back the release before the last deploy, and its schema',
    args: [target],
    flags: [detach],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.rollbackCommand(name, options, io)
      )(await import('./rollback.js')),
  },
  {
    name: 'backup',
    says: "back up the target's database",
    args: [target],
    flags: [detach],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.backupCommand(name, options, io)
      )(await import('./backup.js')),
  },
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
  {
    name: 'report',
    says: 'the record of a run, from the state folder',
    args: [target],
    flags: [['--run <id>', 'of this run, or its first characters; default: the last one']],
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
    flags: [['--note <text>', 'for the record']],
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
    flags: [
      ['--note <text>', 'for the record'],
      ['--done-by-hand', 'you have put the rest right by hand'],
    ],
    load: async () =>
      (
        (m) =>
        ([name], options, io) =>
          m.messageCommand('stop', name, options, io)
      )(await import('./messages.js')),
  },
  {
    name: 'worker',
    says: 'do the work: one on each host that owns targets',
    flags: [
      ['--health-port <port>', 'answer /healthz on this port'],
      ['--health-host <host>', 'on this address; default 127.0.0.1'],
    ],
    load: async () =>
      (
        (m) => (_, options, io) =>
          m.workerCommand(options, io)
      )(await import('./worker.js')),
  },
  {
    name: 'up',
    says: 'start the embedded servers: Temporal with its Web UI, PostgreSQL, nginx, and a worker',
    flags: [['--no-worker', 'do not start a worker']],
    load: async () =>
      (
        (m) => (_, options, io) =>
          m.upCommand(options, io)
      )(await import('./up.js')),
  },
  {
    name: 'down',
    says: 'stop them',
    load: async () =>
      (
        (m) => (_, options, io) =>
          m.downCommand(options, io)
      )(await import('./up.js')),
  },
];
