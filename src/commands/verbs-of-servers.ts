import { target, type Verb } from './verb.js';

/** How one begins. */
export const firstVerbs: readonly Verb[] = [
  {
    name: 'demo',
    says: 'everything, embedded: a sample application taken through every risk and back, under load',
    flags: [
      ['--interactive', 'wait for your approvals instead of giving them in the names of Ana and Ben'],
      ['--keep', 'leave all of it running, and show commands to try'],
    ],
    load: async () =>
      (
        (m) => (_, options, io) =>
          m.demoCommand(options, io)
      )(await import('./demo.js')),
  },
  {
    name: 'init',
    says: 'write lockkeeper.yaml from what is found in this folder',
    flags: [
      ['--force', 'overwrite the one that is there'],
      ['--nginx [target]', 'write only what nginx needs, for the lockkeeper.yaml that is there'],
    ],
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
];

/** What runs all the time. */
export const serverVerbs: readonly Verb[] = [
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
  {
    name: 'maintenance',
    says: 'close or open the site by hand, on its host; needs no Temporal',
    args: [['<on|off>', 'on closes it, off opens it'], target],
    flags: [
      ['--reason <text>', 'why; shown to whoever looks'],
      ['--minutes <n>', 'planned length; default: closure.minutes'],
      ['--writes-only', 'on: people read on; all but GET, HEAD and OPTIONS is answered with 503'],
      ['--force', 'off: open it whoever closed it'],
      ['--typed <name>', 'with --force, when Temporal does not answer: the name of the target'],
    ],
    load: async () =>
      (
        (m) =>
        ([what, name], options, io) =>
          m.maintenanceCommand(what, name, options, io)
      )(await import('./maintenance.js')),
  },
  {
    name: 'watchdog',
    says: 'sound sites that are closed for longer than planned; needs no Temporal and no database',
    flags: [['--every <seconds>', 'look again and again']],
    load: async () =>
      (
        (m) => (_, options, io) =>
          m.watchdogCommand(options, io)
      )(await import('./watchdog.js')),
  },
];
