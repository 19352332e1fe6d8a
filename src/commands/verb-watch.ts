import { target, type Verb } from './verb.js';

export const watchVerb: Verb = {
  name: 'watch',
  says: 'what goes on in the database, live: sessions, locks, progress, migration log',
  args: [target],
  flags: [
    ['--once', 'look once; otherwise again and again, until Ctrl-C'],
    ['--every <seconds>', 'how often; default: 2'],
  ],
  load: async () =>
    (
      (m) =>
      ([name], options, io) =>
        m.watchCommand(name, options, io)
    )(await import('./watch.js')),
};
