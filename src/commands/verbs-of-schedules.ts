import { target, type Verb } from './verb.js';

const one: [string, string] = ['[schedule]', 'its name in the settings; not needed when there is only one'];

const oneVerb = (name: 'describe' | 'pause' | 'resume' | 'trigger', says: string): Verb => ({
  name,
  says,
  args: [target, one],
  load: async () =>
    (
      (m) =>
      ([of, schedule], options, io) =>
        m.scheduleCommand(name, of, schedule, options, io)
    )(await import('./schedule.js')),
});

/** What is done by itself. */
export const scheduleVerbs: readonly Verb[] = [
  {
    name: 'schedule',
    says: 'backups, proofs and drills that Temporal starts by itself, from the settings',
    verbs: [
      {
        name: 'apply',
        says: "make Temporal's Schedules those of lockkeeper.yaml, of one target or of all; says what it changed",
        args: [target],
        load: async () =>
          (
            (m) =>
            ([name], options, io) =>
              m.applySchedules(name, options, io)
          )(await import('./schedule-apply.js')),
      },
      {
        name: 'list',
        says: 'which there are, when they begin next, and whether they are paused',
        args: [target],
        load: async () =>
          (
            (m) =>
            ([name], options, io) =>
              m.listSchedules(name, options, io)
          )(await import('./schedule.js')),
      },
      oneVerb('describe', 'all that is known of one, with its last runs'),
      oneVerb('pause', 'start nothing more until it is resumed'),
      oneVerb('resume', 'start it again at its times'),
      oneVerb('trigger', 'start it now, whatever its times'),
    ],
  },
];
